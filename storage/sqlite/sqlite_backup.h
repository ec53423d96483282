#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/backup.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {

// What a backup is made of. All of it outlives the call.
struct BackupSource {
  // A product's database as it is now, and what keeps it from going meanwhile.
  struct Snapshot {
    std::shared_ptr<const void> owner;
    ReaderPool::Reader reader;
  };

  ReaderPool& meta;
  // NOT_FOUND when the product is gone.
  std::function<absl::StatusOr<Snapshot>(const std::string& product)> product;
};

// Backend::Backup. The order makes the copies fit together without stopping anybody:
//
//   1. meta.db is copied: what is acknowledged is in it.
//   2. payloads of the stores that are in progress there;
//   3. products: a store that ended since then has its results there. The copy may still say that
//      it is waiting or running: whoever starts on the backup finds the results, as after a crash.
//   4. The copy of meta.db is corrected where a payload or a product has gone since 1, and handed
//      out last.
absl::Status BackupDatabases(const BackupSource& source, const std::string& work_directory,
                             BackupTarget& target);

}  // namespace stored::storage::sqlite
