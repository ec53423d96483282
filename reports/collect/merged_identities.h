#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include "absl/container/flat_hash_set.h"
#include "reports/identity.h"

namespace stored::reports {

// The reports that have been merged. Safe for concurrent use: one thread merges, and those that
// read ask what need not be read any more.
class MergedIdentities {
 public:
  // False when it was there.
  bool Insert(const ReportIdentity& identity) {
    Shard& shard = ShardOf(identity);
    const std::lock_guard lock(shard.mutex);
    return shard.identities.insert(identity).second;
  }

  bool Contains(const ReportIdentity& identity) const {
    const Shard& shard = ShardOf(identity);
    const std::lock_guard lock(shard.mutex);
    return shard.identities.contains(identity);
  }

 private:
  // So many that threads seldom meet.
  static constexpr size_t kShards = 32;

  struct Shard {
    mutable std::mutex mutex;
    absl::flat_hash_set<ReportIdentity> identities;
  };

  // Identities are digests: any byte spreads them.
  Shard& ShardOf(const ReportIdentity& identity) { return shards_[identity.bytes[0] % kShards]; }
  const Shard& ShardOf(const ReportIdentity& identity) const {
    return shards_[identity.bytes[0] % kShards];
  }

  std::array<Shard, kShards> shards_;
};

}  // namespace stored::reports
