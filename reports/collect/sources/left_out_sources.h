#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace stored::reports {

// Counts the sources that exist on this machine but were not read, because they are below none of
// the directories that sources are read from. Keeps a bounded number of names and directories. Not
// safe for concurrent use.
class LeftOutSources {
 public:
  // `home` is the user's home directory, or empty if not known. Warning() does not suggest to read
  // sources from all of it if some of its subdirectories are enough.
  explicit LeftOutSources(std::string home = "") : home_(std::move(home)) {}

  // `path` is the source's name in a result file, `real_path` its path with symbolic links
  // resolved.
  void Add(const std::string& path, const std::string& real_path);

  uint64_t count() const { return count_; }
  // Returns one line with the options of storectl upload that include the sources, quoted for a
  // shell, and then the names of the first few. Empty if there are none.
  std::string Warning() const;

 private:
  const std::string home_;
  uint64_t count_ = 0;
  // The first few.
  std::vector<std::string> names_;
  // The directories that the sources are in.
  absl::flat_hash_set<std::string> directories_;
};

// Returns a few directories that together contain all of `directories` (absolute, normalized). That
// is the directory they have in common. If that is the root, `home` or an ancestor of `home`, the
// directories are grouped by their next name, and so on for each group.
std::vector<std::string> CommonDirectories(std::vector<std::string> directories,
                                           std::string_view home);

// Returns `text` quoted, if necessary, as one word for a POSIX shell.
std::string ShellQuoted(std::string_view text);

}  // namespace stored::reports
