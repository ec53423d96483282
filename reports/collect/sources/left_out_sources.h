#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace stored::reports {

// The sources that are on this machine and were not read because they lie below none of the
// directories that sources are read from. Bounded: it keeps a few names and directories of them.
// Not safe for concurrent use.
class LeftOutSources {
 public:
  // `home` is the user's home directory, empty where not known: no hint opens all of it when less
  // will do.
  explicit LeftOutSources(std::string home = "") : home_(std::move(home)) {}

  // `path` is what a result file calls the source, `real_path` where it lies, links followed.
  void Add(const std::string& path, const std::string& real_path);

  uint64_t count() const { return count_; }
  // One line that names the first few, and before them the options of storectl upload that bring
  // them, fit to be pasted into a shell. Empty when there are none.
  std::string Warning() const;

 private:
  const std::string home_;
  uint64_t count_ = 0;
  // Of the first few.
  std::vector<std::string> names_;
  // Those they lie in.
  absl::flat_hash_set<std::string> directories_;
};

// The directories, a few at most, below which all of `directories` (absolute, normalized) lie:
// the one that is common to them, unless that is the root, `home` or above `home`, where each of
// the next names is a group of its own.
std::vector<std::string> CommonDirectories(std::vector<std::string> directories,
                                           std::string_view home);

// `text` as one word of a POSIX shell.
std::string ShellQuoted(std::string_view text);

}  // namespace stored::reports
