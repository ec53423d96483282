#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

// CodeChecker's skip file (docs/analyzer/user_guide.md, "Skip file"): lines "-pattern" and
// "+pattern", the first that matches an untrimmed absolute path decides; no match keeps it. `*`
// matches any run of characters, '/' too; a pattern that ends in no `*` matches whole paths, and
// what lies below when it names a directory. Blank lines and lines starting with '#' are nothing.
class SkipFile {
 public:
  // A line that is malformed is left out, as CodeChecker does it, with a warning that names the
  // file and the line. RESOURCE_EXHAUSTED when there are more lines than a skip file may have.
  static absl::StatusOr<SkipFile> Parse(std::string_view text, const std::string& name,
                                        std::vector<std::string>& warnings);

  // Skips nothing.
  SkipFile() = default;

  bool ShouldSkip(std::string_view path) const;

 private:
  struct Rule {
    bool skip;
    std::string pattern;
    // Matches what lies below the directories that `pattern` matches.
    std::string below;
  };
  std::vector<Rule> rules_;
};

}  // namespace stored::reports
