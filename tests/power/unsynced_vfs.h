#pragma once

#include <sqlite3.h>

#include "tests/power/unsynced_disk.h"

namespace stored {

// SQLite's default VFS for as long as it lives. It wraps the previous default; changes below the
// root of `disk` last only as long as the disk keeps them. It syncs what SQLite's own VFS for Unix
// syncs: also a journal's directory, at the first sync of the journal, but never a new database's
// directory.
//
// A wal-index (-shm) is not part of the disk: it is shared memory with a name, and is rebuilt from
// the log.
class UnsyncedVfs {
 public:
  // REQUIRES: `disk` outlives this object.
  explicit UnsyncedVfs(UnsyncedDisk& disk);
  // REQUIRES: all databases are closed.
  ~UnsyncedVfs();
  UnsyncedVfs(const UnsyncedVfs&) = delete;
  UnsyncedVfs& operator=(const UnsyncedVfs&) = delete;

 private:
  static UnsyncedVfs& Of(sqlite3_vfs* vfs) { return *static_cast<UnsyncedVfs*>(vfs->pAppData); }
  static int Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* out_flags);
  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory);
  static int Access(sqlite3_vfs* vfs, const char* name, int flags, int* result);
  static int FullPathname(sqlite3_vfs* vfs, const char* name, int size, char* out);

  UnsyncedDisk& disk_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
};

}  // namespace stored
