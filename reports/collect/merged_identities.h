#pragma once

#include <array>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "reports/identity.h"

namespace stored::reports {

// The identities of the reports that have been merged. Safe for concurrent use: one thread merges,
// while the threads that read look up which reports they need not read.
class MergedIdentities {
 public:
  // Returns false if the identity is there already.
  bool Insert(const ReportIdentity& identity) {
    Shard& shard = ShardOf(identity);
    const MutexLock lock(shard.mutex);
    return shard.identities.insert(identity).second;
  }

  bool Contains(const ReportIdentity& identity) const {
    const Shard& shard = ShardOf(identity);
    const MutexLock lock(shard.mutex);
    return shard.identities.contains(identity);
  }

 private:
  // Enough that threads seldom wait for the same one.
  static constexpr size_t kShards = 32;

  struct Shard {
    mutable Mutex mutex;
    absl::flat_hash_set<ReportIdentity> identities ABSL_GUARDED_BY(mutex);
  };

  // Identities are digests, so any byte distributes them evenly.
  Shard& ShardOf(const ReportIdentity& identity) { return shards_[identity.bytes[0] % kShards]; }
  const Shard& ShardOf(const ReportIdentity& identity) const {
    return shards_[identity.bytes[0] % kShards];
  }

  std::array<Shard, kShards> shards_;
};

}  // namespace stored::reports
