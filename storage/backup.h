#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::storage {

// Who takes the files of a backup (Backend::Backup), one at a time. Names are paths below the data
// directory that the backup will be.
class BackupTarget {
 public:
  virtual ~BackupTarget() = default;

  // A database, finished, at `path`; it is removed when the call returns.
  virtual absl::Status TakeDatabase(const std::string& name, const std::string& path) = 0;
  // A payload in the spool that a store in progress needs. False when it is no longer there: then
  // the store has ended meanwhile.
  virtual absl::StatusOr<bool> TakePayload(const std::string& file) = 0;
  // True asks for the backup to be given up.
  virtual bool Cancelled() = 0;
};

}  // namespace stored::storage
