#include "reports/inputs/skip_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text/text.h"
#include "reports/inputs/few_warnings.h"
#include "reports/inputs/path_trimmer.h"

namespace stored::reports {
namespace {

constexpr size_t kMaxRules = 10'000;
constexpr size_t kMaxPatternBytes = 4096;

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

// Removes the next line from `text` and returns it without its line end: \n, \r\n or \r. REQUIRES:
// !text.empty().
std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<size_t>(1, text.size()));
  return line;
}

// Returns the fault of a line; empty if the line is a rule.
std::string WhatIsWrong(std::string_view line) {
  const std::string_view pattern = Stripped(line.substr(1));
  if ((line.front() != '-' && line.front() != '+') || pattern.empty()) {
    return fmt::format("neither \"-pattern\" nor \"+pattern\" nor a comment: {}",
                       Printable(Utf8Prefix(line, 100)));
  }
  if (pattern.size() > kMaxPatternBytes) {
    return fmt::format("the pattern is {} bytes long; the limit is {}", pattern.size(),
                       kMaxPatternBytes);
  }
  return "";
}

}  // namespace

absl::StatusOr<SkipFile> SkipFile::Parse(std::string_view text, const std::string& name,
                                         std::vector<std::string>& warnings) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  SkipFile file;
  FewWarnings odd(name);
  for (size_t line_number = 1; !text.empty(); ++line_number) {
    const std::string_view line = Stripped(TakeLine(text));
    if (line.empty() || line.front() == '#') continue;
    if (const std::string wrong = WhatIsWrong(line); !wrong.empty()) {
      odd.Add(fmt::format("line {} is left out: {}", line_number, wrong));
      continue;
    }
    if (file.rules_.size() == kMaxRules) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: line {}: over the limit of {} patterns", name, line_number, kMaxRules));
    }
    const std::string normal = NormalizePath(Stripped(line.substr(1)));
    file.rules_.push_back({line.front() == '-', normal, normal == "/" ? "/*" : normal + "/*"});
  }
  for (std::string& warning : odd.Take()) warnings.push_back(std::move(warning));
  return file;
}

bool SkipFile::ShouldSkip(std::string_view path) const {
  for (const Rule& rule : rules_) {
    if (GlobMatch(rule.pattern, path) || GlobMatch(rule.below, path)) return rule.skip;
  }
  return false;
}

}  // namespace stored::reports
