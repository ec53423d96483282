#include "tests/power/unsynced_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

namespace stored {
namespace {

// The unit, in bytes, that a disk writes completely or not at all.
constexpr uint64_t kSectorBytes = 512;

using Names = std::map<std::string, UnsyncedDisk::NodePtr>;

// Names that are added or (if null) removed together: two for a rename.
using NameChange = std::vector<std::pair<std::string, UnsyncedDisk::NodePtr>>;

void Apply(const NameChange& change, Names& names) {
  for (const auto& [name, node] : change) {
    if (node == nullptr) {
      names.erase(name);
    } else {
      names[name] = node;
    }
  }
}

// A write, or a truncation if there are no bytes.
struct ContentChange {
  uint64_t offset;
  std::optional<std::string> bytes;
};

void Write(std::string& content, uint64_t offset, std::string_view bytes) {
  content.resize(std::max<uint64_t>(content.size(), offset + bytes.size()));
  content.replace(offset, bytes.size(), bytes);
}

void Apply(const ContentChange& change, std::string& content) {
  if (change.bytes.has_value()) {
    Write(content, change.offset, *change.bytes);
  } else {
    content.resize(change.offset);
  }
}

bool Toss(std::mt19937_64& random) { return (random() & 1) != 0; }

// Applies a random subset of the sectors of a write.
void ApplyTorn(const ContentChange& change, std::string& content, std::mt19937_64& random) {
  const std::string_view bytes = *change.bytes;
  for (uint64_t done = 0; done < bytes.size();) {
    const uint64_t offset = change.offset + done;
    const uint64_t n = std::min(bytes.size() - done, kSectorBytes - offset % kSectorBytes);
    if (Toss(random)) Write(content, offset, bytes.substr(done, n));
    done += n;
  }
}

}  // namespace

class UnsyncedDisk::Node {
 public:
  explicit Node(bool directory) : is_directory(directory) {}

  const bool is_directory;

  // For a directory: its names as programs see them, as they are on disk, and the changes in
  // between.
  Names names;
  Names durable_names;
  std::vector<NameChange> name_changes;

  // For a file: its content on disk, and the writes since. Programs see the real file.
  std::string durable_content;
  std::vector<ContentChange> content_changes;
};

// The last name of a path, and the directory that contains it.
struct UnsyncedDisk::Path {
  NodePtr directory;
  std::string name;

  NodePtr Find() const {
    if (directory == nullptr) return nullptr;
    const auto found = directory->names.find(name);
    return found == directory->names.end() ? nullptr : found->second;
  }
  void Change(NameChange change) const {
    if (directory == nullptr) throw std::logic_error("no directory for " + name);
    Apply(change, directory->names);
    directory->name_changes.push_back(std::move(change));
  }
};

UnsyncedDisk::UnsyncedDisk(std::string root)
    : root_(std::move(root)), root_node_(std::make_shared<Node>(true)) {}

UnsyncedDisk::~UnsyncedDisk() = default;

void UnsyncedDisk::CutPowerAt(int64_t count, std::function<void()> on_cut) {
  const MutexLock lock(mutex_);
  cut_at_ = changes_ + count;
  on_cut_ = std::move(on_cut);
}

bool UnsyncedDisk::powered() const {
  const MutexLock lock(mutex_);
  return powered_;
}

int64_t UnsyncedDisk::changes() const {
  const MutexLock lock(mutex_);
  return changes_;
}

bool UnsyncedDisk::BeginChange() {
  const MutexLock lock(mutex_);
  if (!powered_) return false;
  if (++changes_ != cut_at_) return true;
  powered_ = false;
  if (on_cut_) on_cut_();
  return false;
}

void UnsyncedDisk::Restart() {
  const MutexLock lock(mutex_);
  powered_ = true;
  cut_at_ = 0;
}

bool UnsyncedDisk::Contains(const std::string& path) const {
  return path.size() > root_.size() && path.starts_with(root_) && path[root_.size()] == '/';
}

UnsyncedDisk::Path UnsyncedDisk::Resolve(const std::string& path) const {
  Path resolved{root_node_, ""};
  for (const std::filesystem::path& part : std::filesystem::path(path.substr(root_.size() + 1))) {
    if (!resolved.name.empty()) resolved.directory = resolved.Find();
    resolved.name = part.string();
  }
  return resolved;
}

UnsyncedDisk::NodePtr UnsyncedDisk::FindLocked(const std::string& path) const {
  return path == root_ ? root_node_ : Resolve(path).Find();
}

UnsyncedDisk::NodePtr UnsyncedDisk::Find(const std::string& path) const {
  const MutexLock lock(mutex_);
  return FindLocked(path);
}

UnsyncedDisk::NodePtr UnsyncedDisk::Created(const std::string& path) {
  const MutexLock lock(mutex_);
  const Path where = Resolve(path);
  NodePtr node = std::make_shared<Node>(false);
  where.Change({{where.name, node}});
  return node;
}

void UnsyncedDisk::MadeDirectory(const std::string& path) {
  const MutexLock lock(mutex_);
  const Path where = Resolve(path);
  where.Change({{where.name, std::make_shared<Node>(true)}});
}

void UnsyncedDisk::Renamed(const std::string& from, const std::string& to) {
  const MutexLock lock(mutex_);
  const Path before = Resolve(from);
  const Path after = Resolve(to);
  // The model does not cover moves between directories, which the server does not make.
  if (before.directory != after.directory) throw std::logic_error("a move: " + from);
  before.Change({{before.name, nullptr}, {after.name, before.Find()}});
}

void UnsyncedDisk::Removed(const std::string& path) {
  const MutexLock lock(mutex_);
  const Path where = Resolve(path);
  if (where.Find() != nullptr) where.Change({{where.name, nullptr}});
}

void UnsyncedDisk::Written(Node& file, uint64_t offset, std::string_view bytes) {
  const MutexLock lock(mutex_);
  file.content_changes.push_back({offset, std::string(bytes)});
}

void UnsyncedDisk::Truncated(Node& file, uint64_t size) {
  const MutexLock lock(mutex_);
  file.content_changes.push_back({size, std::nullopt});
}

void UnsyncedDisk::Synced(Node& node) {
  const MutexLock lock(mutex_);
  node.durable_names = node.names;
  node.name_changes.clear();
  for (const ContentChange& change : node.content_changes) Apply(change, node.durable_content);
  node.content_changes.clear();
}

// Replaces the node's content or names by the part that survives.
void UnsyncedDisk::Settle(Node& node, Survival survival, std::mt19937_64& random) {
  const auto survives = [&] {
    return survival == Survival::kEverything || (survival == Survival::kSome && Toss(random));
  };
  for (const NameChange& change : node.name_changes) {
    if (survives()) Apply(change, node.durable_names);
  }
  node.name_changes.clear();
  node.names = node.durable_names;
  for (const ContentChange& change : node.content_changes) {
    if (!survives()) continue;
    if (survival == Survival::kSome && change.bytes.has_value() && Toss(random)) {
      ApplyTorn(change, node.durable_content, random);
    } else {
      Apply(change, node.durable_content);
    }
  }
  node.content_changes.clear();
  for (const auto& [name, child] : node.names) Settle(*child, survival, random);
}

void UnsyncedDisk::LosePower(Survival survival, uint64_t seed) {
  const MutexLock lock(mutex_);
  std::mt19937_64 random(seed);
  Settle(*root_node_, survival, random);
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    std::filesystem::remove_all(entry.path());
  }
  const std::function<void(const Node&, const std::string&)> write = [&](const Node& node,
                                                                         const std::string& path) {
    for (const auto& [name, child] : node.names) {
      std::string child_path = path;
      child_path.append("/").append(name);
      if (child->is_directory) {
        std::filesystem::create_directory(child_path);
        write(*child, child_path);
      } else {
        std::ofstream(child_path, std::ios::binary) << child->durable_content;
      }
    }
  };
  write(*root_node_, root_);
  powered_ = true;
  cut_at_ = 0;
}

}  // namespace stored
