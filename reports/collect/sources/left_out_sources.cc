#include "reports/collect/sources/left_out_sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files/path.h"

namespace stored::reports {
namespace {

constexpr size_t kNamedLeftOut = 3;
// Bounds the memory, because result files are not trusted. If there are more directories, an upload
// with the suggested options suggests those for the rest.
constexpr size_t kMaxDirectories = 1000;
constexpr size_t kMaxHints = 5;

// Returns true if `a` comes before `b` in an order by names, in which "/a/b" is before "/a-b".
bool NamesBefore(std::string_view a, std::string_view b) {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return rank(x) < rank(y); });
}

// Returns the longest common prefix, in whole names, of [first, last), which is ordered by names.
template <typename Iterator>
std::string_view CommonDirectory(Iterator first, Iterator last) {
  // Because of the order, the prefix of the first and the last is common to those between.
  const std::string_view a = *first;
  const std::string_view b = *(last - 1);
  size_t end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  if (end == a.size() && (end == b.size() || b[end] == '/')) return a;
  end = a.rfind('/', end - 1);
  return end == 0 ? "/" : a.substr(0, end);
}

// Returns `path` up to the end of the first name below `directory`.
std::string_view NextName(std::string_view path, std::string_view directory) {
  const size_t begin = directory == "/" ? 1 : std::min(directory.size() + 1, path.size());
  return path.substr(0, path.find('/', begin));
}

}  // namespace

void LeftOutSources::Add(const std::string& path, const std::string& real_path) {
  ++count_;
  if (names_.size() < kNamedLeftOut) names_.push_back(path);
  if (directories_.size() == kMaxDirectories) return;
  const size_t slash = real_path.rfind('/');
  directories_.insert(slash == 0 ? "/" : real_path.substr(0, slash));
}

std::string LeftOutSources::Warning() const {
  if (count_ == 0) return "";
  const std::vector<std::string> roots =
      CommonDirectories({directories_.begin(), directories_.end()}, home_);
  std::string options;
  for (size_t i = 0; i < std::min(roots.size(), kMaxHints); ++i) {
    options += fmt::format(" --source-root {}", ShellQuoted(roots[i]));
  }
  const bool one = count_ == 1;
  const size_t more = count_ - names_.size();
  return fmt::format(
      "{} source file{} outside of the directories that sources are read from {} left out, {} "
      "reports are stored without text; if the server may have {}, add{}: {}{}",
      count_, one ? "" : "s", one ? "was" : "were", one ? "its" : "their", one ? "it" : "them",
      options, fmt::join(names_, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

std::vector<std::string> CommonDirectories(std::vector<std::string> directories,
                                           std::string_view home) {
  std::sort(directories.begin(), directories.end(), NamesBefore);
  std::vector<std::string> common;
  for (auto first = directories.begin(); first != directories.end();) {
    // The group [first, last) has the directory `open` in common. It is narrowed until that is
    // neither the root nor contains the home directory.
    std::string_view open = CommonDirectory(first, directories.end());
    auto last = directories.end();
    const auto too_much = [&] { return open == "/" || (!home.empty() && IsWithin(home, open)); };
    while (too_much() && *first != open) {
      const std::string_view next = NextName(*first, open);
      last = std::find_if(first, last, [&](const std::string& d) { return !IsWithin(d, next); });
      open = CommonDirectory(first, last);
    }
    // Sources that are in the root or the home directory itself can be read in no other way.
    if (too_much()) last = first + 1;
    common.emplace_back(open);
    first = last;
  }
  return common;
}

std::string ShellQuoted(std::string_view text) {
  constexpr std::string_view kPlain = "_./+:@%,=-";
  const auto is_plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPlain.find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace stored::reports
