#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/mutex.h"

namespace stored {

// A directory tree whose power can be cut. The files are real, so code that only reads them needs
// no change. Code that changes them reports each change, through UnsyncedFileSystem or UnsyncedVfs;
// a change that was not synced may be lost with the power. It is as strict as POSIX: the content of
// a file and its name are synced separately, and any part of the unsynced changes may survive, in
// units of sectors.
//
// Changes that are not reported are lost with the power as well. Safe for concurrent use.
class UnsyncedDisk {
 public:
  // A file or directory, independent of its name.
  class Node;
  using NodePtr = std::shared_ptr<Node>;

  // REQUIRES: `root` exists, is empty and durable, and its path has no symbolic links.
  explicit UnsyncedDisk(std::string root);
  ~UnsyncedDisk();

  const std::string& root() const { return root_; }

  // Cuts the power at the `count`-th change from now on: that change and all later ones fail, until
  // LosePower() or Restart(). `on_cut` is called once, in the thread of that change, and must not
  // call back.
  void CutPowerAt(int64_t count, std::function<void()> on_cut = {});
  bool powered() const;
  // Returns the number of changes so far: creations, writes, truncations, renames, removals, syncs.
  int64_t changes() const;

  enum class Survival {
    // Nothing that was not synced survives: the worst case, a cache that had written nothing.
    kNothing,
    // A part of the names and sectors survives, which `seed` selects.
    kSome,
    // Everything survives, as if the system had written all of it back.
    kEverything,
  };
  // Drops what was not synced and does not survive, and restores the power. REQUIRES: no file is
  // open.
  void LosePower(Survival survival, uint64_t seed);
  // Makes the disk usable again as after a crash of the process alone: all changes are there,
  // synced or not.
  void Restart();

  // --- For code that reports changes. It calls BeginChange() first. If that returns false, the
  // power is cut and the change must fail. Otherwise the code changes the real files and then
  // reports the change.

  [[nodiscard]] bool BeginChange();
  bool Contains(const std::string& path) const;
  // Returns null if there is no such file.
  NodePtr Find(const std::string& path) const;

  // REQUIRES, here and in all functions that take a path: the parent exists.
  NodePtr Created(const std::string& path);
  void MadeDirectory(const std::string& path);
  void Renamed(const std::string& from, const std::string& to);
  // Does nothing if there was no such file.
  void Removed(const std::string& path);
  void Written(Node& file, uint64_t offset, std::string_view bytes);
  void Truncated(Node& file, uint64_t size);
  // Reports a sync of the content of a file, or of the names in a directory.
  void Synced(Node& node);

 private:
  struct Path;

  Path Resolve(const std::string& path) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  NodePtr FindLocked(const std::string& path) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Settle(Node& node, Survival survival, std::mt19937_64& random)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string root_;
  mutable Mutex mutex_;
  // The root of all nodes, whose members the mutex guards too.
  const NodePtr root_node_;
  bool powered_ ABSL_GUARDED_BY(mutex_) = true;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  // The value of changes_ at which the power is lost; 0 means never.
  int64_t cut_at_ ABSL_GUARDED_BY(mutex_) = 0;
  std::function<void()> on_cut_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored
