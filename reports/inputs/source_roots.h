#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::reports {

// The directories of this machine below which sources may be read. Result files name whatever paths
// their writer likes, and what is read is sent to a server, so a path is judged by where it leads
// once every link on the way is followed. Safe for concurrent use once nothing is added any more.
class SourceRoots {
 public:
  // `home` is the user's home directory; empty where it is not known.
  explicit SourceRoots(const std::string& home = "");

  // Adds a directory that the user named for this. All below it may be read. INVALID_ARGUMENT when
  // it is not a directory that can be looked at.
  absl::Status AddNamed(const std::string& directory);

  // Adds a directory that the user named for something else (a report directory, the working
  // directory); one that cannot be looked at adds nothing. All below it may be read but for what a
  // source never is, and a stranger would ask for: hidden files and directories of the user's home
  // (keys, tokens), and what lies in a ".git" (credentials of a checkout). The root of the file
  // system adds nothing either: services and containers work there, and all files are below it.
  void AddImplied(const std::string& directory);

  // Adds the directories that compilers of this system have headers in, as far as there are any.
  void AddSystemIncludes();

  // The directories of AddNamed, without links, in that order.
  const std::vector<std::string>& named() const { return named_; }

  // Returns whether the file `real_path`, absolute and without links, may be read.
  bool Contain(std::string_view real_path) const;

 private:
  enum class Kind { kImplied, kNamed };

  void Add(const std::string& real_path, Kind kind);
  // Returns whether `real_path` is what AddImplied leaves out below `root`.
  bool IsPrivate(std::string_view real_path, std::string_view root) const;

  // Without links; "/" at no end but that of the root.
  std::string home_;
  std::vector<std::string> named_;
  std::map<std::string, Kind, std::less<>> roots_;
};

// The absolute path, without links, of what `fd` is open on: where it is now, whatever path it was
// opened by. `name` is for messages. Takes /proc.
absl::StatusOr<std::string> RealPathOf(int fd, const std::string& name);

}  // namespace stored::reports
