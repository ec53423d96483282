#include "tests/power/unsynced_vfs.h"

#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace stored {
namespace {

constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;

// SQLite allocates room for one of these, followed by the real VFS's file.
struct UnsyncedVfsFile {
  sqlite3_file base;
  UnsyncedDisk* disk;
  UnsyncedDisk::NodePtr node;
  // The directory whose names the next sync makes durable too; usually null.
  UnsyncedDisk::NodePtr unsynced_directory;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

UnsyncedVfsFile& FileOf(sqlite3_file* file) { return *reinterpret_cast<UnsyncedVfsFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return FileOf(file).real(); }
const sqlite3_io_methods& Methods(sqlite3_file* file) { return *Real(file)->pMethods; }

int Close(sqlite3_file* file) {
  const int code = Methods(file).xClose(Real(file));
  FileOf(file).~UnsyncedVfsFile();
  return code;
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  if (!FileOf(file).disk->powered()) return SQLITE_IOERR_READ;
  return Methods(file).xRead(Real(file), out, size, offset);
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  UnsyncedVfsFile& self = FileOf(file);
  if (!self.disk->BeginChange()) return SQLITE_IOERR_WRITE;
  const int code = Methods(file).xWrite(Real(file), bytes, size, offset);
  if (code != SQLITE_OK) return code;
  self.disk->Written(*self.node, static_cast<uint64_t>(offset),
                     {static_cast<const char*>(bytes), static_cast<size_t>(size)});
  return SQLITE_OK;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  UnsyncedVfsFile& self = FileOf(file);
  if (!self.disk->BeginChange()) return SQLITE_IOERR_TRUNCATE;
  const int code = Methods(file).xTruncate(Real(file), size);
  if (code == SQLITE_OK) self.disk->Truncated(*self.node, static_cast<uint64_t>(size));
  return code;
}

// Never reaches the real file: that would take time, and the machine's own power is not cut.
int Sync(sqlite3_file* file, int /*flags*/) {
  UnsyncedVfsFile& self = FileOf(file);
  if (!self.disk->BeginChange()) return SQLITE_IOERR_FSYNC;
  self.disk->Synced(*self.node);
  if (self.unsynced_directory == nullptr) return SQLITE_OK;
  if (!self.disk->BeginChange()) return SQLITE_IOERR_DIR_FSYNC;
  self.disk->Synced(*std::exchange(self.unsynced_directory, nullptr));
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  if (!FileOf(file).disk->powered()) return SQLITE_IOERR_FSTAT;
  return Methods(file).xFileSize(Real(file), size);
}

int Lock(sqlite3_file* file, int lock) { return Methods(file).xLock(Real(file), lock); }
int Unlock(sqlite3_file* file, int lock) { return Methods(file).xUnlock(Real(file), lock); }
int CheckReservedLock(sqlite3_file* file, int* result) {
  return Methods(file).xCheckReservedLock(Real(file), result);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Methods(file).xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return Methods(file).xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Methods(file).xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return Methods(file).xShmMap(Real(file), region, size, extend, out);
}
// SQLite reads only under one of these locks, even if all of the database is in memory.
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  const bool lock = (flags & SQLITE_SHM_LOCK) != 0;
  if (lock && !FileOf(file).disk->powered()) return SQLITE_IOERR_SHMLOCK;
  return Methods(file).xShmLock(Real(file), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) { Methods(file).xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Methods(file).xShmUnmap(Real(file), remove); }

// Version 2: without memory-mapped database files, whose changes the VFS would not see.
constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

std::string ParentOf(const char* path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

UnsyncedVfs::UnsyncedVfs(UnsyncedDisk& disk)
    : disk_(disk), real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
  vfs_.pNext = nullptr;
  vfs_.zName = "unsynced";
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(UnsyncedVfsFile)) + real_->szOsFile;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  vfs_.xAccess = Access;
  vfs_.xFullPathname = FullPathname;
  sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
}

UnsyncedVfs::~UnsyncedVfs() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, /*makeDflt=*/1);
}

int UnsyncedVfs::Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                      int* out_flags) {
  UnsyncedVfs& self = Of(vfs);
  // Temporary files have no name, or none below the root: the real VFS handles them with its own
  // methods.
  if (name == nullptr || !self.disk_.Contains(name)) {
    return self.real_->xOpen(self.real_, name, file, flags, out_flags);
  }
  file->pMethods = nullptr;  // SQLite closes nothing if the open fails.
  UnsyncedDisk::NodePtr node = self.disk_.Find(name);
  const bool create = node == nullptr && (flags & SQLITE_OPEN_CREATE) != 0;
  if (create ? !self.disk_.BeginChange() : !self.disk_.powered()) return SQLITE_CANTOPEN;
  auto* const opened = new (file) UnsyncedVfsFile{{}, &self.disk_, nullptr, nullptr};
  opened->real()->pMethods = nullptr;
  const int code = self.real_->xOpen(self.real_, name, opened->real(), flags, out_flags);
  if (code != SQLITE_OK) {
    opened->~UnsyncedVfsFile();
    return code;
  }
  opened->node = node == nullptr ? self.disk_.Created(name) : std::move(node);
  if ((flags & SQLITE_OPEN_CREATE) != 0 && (flags & kJournals) != 0) {
    opened->unsynced_directory = self.disk_.Find(ParentOf(name));
  }
  opened->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int UnsyncedVfs::Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  UnsyncedVfs& self = Of(vfs);
  if (!self.disk_.Contains(name)) return self.real_->xDelete(self.real_, name, sync_directory);
  if (!self.disk_.BeginChange()) return SQLITE_IOERR_DELETE;
  const int code = self.real_->xDelete(self.real_, name, /*syncDir=*/0);
  if (code != SQLITE_OK) return code;
  self.disk_.Removed(name);
  if (sync_directory == 0) return SQLITE_OK;
  if (!self.disk_.BeginChange()) return SQLITE_IOERR_DIR_FSYNC;
  self.disk_.Synced(*self.disk_.Find(ParentOf(name)));
  return SQLITE_OK;
}

int UnsyncedVfs::Access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  UnsyncedVfs& self = Of(vfs);
  if (!self.disk_.powered()) return SQLITE_IOERR_ACCESS;
  return self.real_->xAccess(self.real_, name, flags, result);
}

// The other methods need no wrapper: the real VFS's do not use their VFS argument.
int UnsyncedVfs::FullPathname(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  sqlite3_vfs* const real = Of(vfs).real_;
  return real->xFullPathname(real, name, size, out);
}

}  // namespace stored
