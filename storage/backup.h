#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::storage {

// Receives the files of a backup (Backend::Backup), one at a time. The name of a file is its path
// in a data directory, such as "products/default.db".
class BackupTarget {
 public:
  virtual ~BackupTarget() = default;

  // Takes the complete database file at `path`, which is removed when the call returns.
  virtual absl::Status TakeDatabase(const std::string& name, const std::string& path) = 0;
  // Takes the payload `file`, a name in the spool, that a store in progress needs. Returns false if
  // it no longer exists, because the store has ended meanwhile.
  virtual absl::StatusOr<bool> TakePayload(const std::string& file) = 0;
  // Returns true to give up the backup.
  virtual bool Cancelled() = 0;
};

}  // namespace stored::storage
