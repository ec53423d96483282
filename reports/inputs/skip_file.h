#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stored::reports {

// CodeChecker's skip file (docs/analyzer/user_guide.md, "Skip file"): lines "-pattern" and
// "+pattern", of which the first that matches an untrimmed absolute path decides. A path that no
// line matches is kept. `*` matches any run of characters, also '/'. A pattern that does not end in
// `*` matches whole paths and, if it names a directory, the files below. Blank lines and lines that
// start with '#' are ignored.
class SkipFile {
 public:
  // Parses a skip file. Leaves out a malformed line, as CodeChecker does, with a warning that names
  // the file and the line. RESOURCE_EXHAUSTED if there are more patterns than a skip file may have.
  static absl::StatusOr<SkipFile> Parse(std::string_view text, const std::string& name,
                                        std::vector<std::string>& warnings);

  // Constructs a skip file that skips nothing.
  SkipFile() = default;

  bool ShouldSkip(std::string_view path) const;

 private:
  struct Rule {
    bool skip;
    std::string pattern;
    // Matches paths below the directories that `pattern` matches.
    std::string below;
  };
  std::vector<Rule> rules_;
};

}  // namespace stored::reports
