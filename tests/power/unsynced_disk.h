#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stored {

// A directory tree whose power can be cut. The files are real, so whoever reads them needs to know
// nothing; who changes them tells, by UnsyncedFileSystem or UnsyncedVfs, and what was changed but
// not synced may be lost with the power. As strict as POSIX: the content of a file and its name are
// synced apart, and of what was not synced any part may survive, in sectors.
//
// What was changed without telling is lost with the power as well. Safe for concurrent use.
class UnsyncedDisk {
 public:
  // A file or directory, whatever its name.
  class Node;
  using NodePtr = std::shared_ptr<Node>;

  // `root` is there, empty and durable, and its path without symbolic links.
  explicit UnsyncedDisk(std::string root);
  ~UnsyncedDisk();

  const std::string& root() const { return root_; }

  // The `count`-th change from now on finds no power, and nothing does from then on, until one of
  // the two below. `on_cut` is called once, in the thread of that change, and must not call back.
  void CutPowerAt(int64_t count, std::function<void()> on_cut = {});
  bool powered() const;
  // So far: creations, writes, truncations, renames, removals, syncs.
  int64_t changes() const;

  enum class Survival {
    // The worst case of a cache that had written nothing.
    kNothing,
    // Of names and sectors, whichever `seed` picks.
    kSome,
    // The system had written it all back by itself.
    kEverything,
  };
  // What is not synced is lost, and the power is back. Nothing may be open.
  void LosePower(Survival survival, uint64_t seed);
  // As after a crash of the process alone: all is there, synced or not, and can be used again.
  void Restart();

  // --- For those who tell. The change is made on the real files in between: if BeginChange answers
  // false, there is no power and it must fail; otherwise it is made and then told.

  [[nodiscard]] bool BeginChange();
  bool Contains(const std::string& path) const;
  // Null when there is none.
  NodePtr Find(const std::string& path) const;

  // The parent is there, as for all that take a path.
  NodePtr Created(const std::string& path);
  void MadeDirectory(const std::string& path);
  void Renamed(const std::string& from, const std::string& to);
  // Nothing when there was none.
  void Removed(const std::string& path);
  void Written(Node& file, uint64_t offset, std::string_view bytes);
  void Truncated(Node& file, uint64_t size);
  // The content of a file, or the names in a directory.
  void Synced(Node& node);

 private:
  struct Path;

  Path Resolve(const std::string& path) const;
  NodePtr FindLocked(const std::string& path) const;
  void Settle(Node& node, Survival survival, std::mt19937_64& random);

  const std::string root_;
  mutable std::mutex mutex_;
  NodePtr root_node_;
  bool powered_ = true;
  int64_t changes_ = 0;
  // The value of changes_ at which there is no power; 0 is never.
  int64_t cut_at_ = 0;
  std::function<void()> on_cut_;
};

}  // namespace stored
