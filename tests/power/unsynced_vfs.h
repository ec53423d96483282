#pragma once

#include <sqlite3.h>

#include "tests/power/unsynced_disk.h"

namespace stored {

// SQLite's default VFS while it lives: the one that was so before, but what it changes below the
// root of `disk` last no longer than that says. Syncs what SQLite's own VFS for Unix syncs: a
// journal's directory too, at the first sync of the journal; never a new database's.
//
// A wal-index (-shm) is not part of the disk: it is memory that happens to have a name, and is made
// anew from the log.
class UnsyncedVfs {
 public:
  // Outlives it.
  explicit UnsyncedVfs(UnsyncedDisk& disk);
  // All databases are closed by then.
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
