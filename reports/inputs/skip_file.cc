#include "reports/inputs/skip_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
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

}  // namespace

absl::StatusOr<SkipFile> SkipFile::Parse(std::string_view text, const std::string& name) {
  SkipFile file;
  for (size_t line_number = 1; !text.empty(); ++line_number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Stripped(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string_view pattern = Stripped(line.substr(1));
    if ((line.front() != '-' && line.front() != '+') || pattern.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: line {}: neither \"-pattern\" nor \"+pattern\" nor a comment: {}", name,
                      line_number, Printable(line.substr(0, 100))));
    }
    if (pattern.size() > kMaxPatternBytes || file.rules_.size() == kMaxRules) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: line {}: over the limit of {} lines of {} bytes", name, line_number,
                      kMaxRules, kMaxPatternBytes));
    }
    const std::string normal = NormalizePath(pattern);
    file.rules_.push_back({line.front() == '-', normal, normal == "/" ? "/*" : normal + "/*"});
  }
  return file;
}

bool SkipFile::ShouldSkip(std::string_view path) const {
  for (const Rule& rule : rules_) {
    if (GlobMatch(rule.pattern, path) || GlobMatch(rule.below, path)) return rule.skip;
  }
  return false;
}

}  // namespace stored::reports
