#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {

// The databases that a backup copies. All of it outlives the call.
struct BackupSource {
  // A snapshot of a product's database, and the owner of its connections.
  struct Snapshot {
    std::shared_ptr<const void> owner;
    ReaderPool::Reader reader;
  };

  ReaderPool& meta;
  // Returns a snapshot of the product. NOT_FOUND if the product is gone.
  std::function<absl::StatusOr<Snapshot>(const std::string& product)> product;
};

// Backend::Backup. The order of the steps makes the copies fit together without blocking any store:
//
//   1. Copy meta.db: it has all stores that were acknowledged.
//   2. Take the payloads of the stores that are in progress in this copy.
//   3. Copy the products. If a store ended since step 1, its results are here, while the copy of
//      meta.db may still have it waiting or running: a server started on the backup finds the
//      results, as after a crash.
//   4. Correct the copy of meta.db if a payload or a product is gone since step 1, and hand it out
//      last.
absl::Status BackupDatabases(const BackupSource& source, const std::string& work_directory,
                             BackupTarget& target);

}  // namespace stored::storage::sqlite
