// A library to preload: its system calls on files fail when a test says so (disk_fault.h). It
// intercepts the calls of the program and of SQLite alike; below it is the real file system.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

#include "tests/disk/disk_fault.h"

namespace {

using stored::tests::DiskFault;

DiskFault* MapFault() {
  const char* const path = std::getenv("STORED_DISK_FAULT");
  if (path == nullptr) return nullptr;
  using Open = int (*)(const char*, int, ...);
  const int fd = reinterpret_cast<Open>(dlsym(RTLD_NEXT, "open"))(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* const mapped = mmap(nullptr, sizeof(DiskFault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) std::abort();
  close(fd);
  return static_cast<DiskFault*>(mapped);
}

DiskFault* Fault() {
  static DiskFault* const fault = MapFault();
  return fault;
}

// Returns true, and sets errno, if this call of kind `kind` must fail.
bool Fails(int32_t kind, const char* path) {
  DiskFault* const fault = Fault();
  if (fault == nullptr || (fault->kinds & kind) == 0) return false;
  if (std::strstr(path, fault->path) == nullptr) return false;
  ++fault->seen;
  if (fault->failing <= 0 || fault->well-- > 0) return false;
  if (fault->failing-- <= 0) return false;
  ++fault->failed;
  errno = fault->error;
  return true;
}

bool Fails(int32_t kind, int fd) {
  const DiskFault* const fault = Fault();
  if (fault == nullptr || (fault->kinds & kind) == 0) return false;
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof(path) - 1);
  if (n < 0) return false;
  path[n] = '\0';
  return Fails(kind, path);
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int Sync(int fd, int (*next)(int)) {
  if (!Fails(DiskFault::kSync, fd)) return next(fd);
  const int error = errno;
  if (Fault()->drops_content != 0) {
    const off_t size = lseek(fd, 0, SEEK_END);
    static auto* const truncate = Next<int(int, off_t)>("ftruncate");
    // The file keeps its size but loses its content.
    if (truncate(fd, 0) != 0 || truncate(fd, size) != 0) std::abort();
  }
  errno = error;
  return -1;
}

bool ForWriting(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0; }

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are libc's
extern "C" {

int fsync(int fd) {
  static auto* const next = Next<int(int)>("fsync");
  return Sync(fd, next);
}

int fdatasync(int fd) {
  static auto* const next = Next<int(int)>("fdatasync");
  return Sync(fd, next);
}

int sync_file_range(int fd, off64_t offset, off64_t size, unsigned int flags) {
  static auto* const next = Next<int(int, off64_t, off64_t, unsigned int)>("sync_file_range");
  return Fails(DiskFault::kBegin, fd) ? -1 : next(fd, offset, size, flags);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  static auto* const next = Next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return Fails(DiskFault::kWrite, fd) ? -1 : next(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  static auto* const next = Next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return Fails(DiskFault::kWrite, fd) ? -1 : next(fd, bytes, size, offset);
}

int ftruncate(int fd, off_t size) noexcept {
  static auto* const next = Next<int(int, off_t)>("ftruncate");
  return Fails(DiskFault::kWrite, fd) ? -1 : next(fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
  static auto* const next = Next<int(int, off64_t)>("ftruncate64");
  return Fails(DiskFault::kWrite, fd) ? -1 : next(fd, size);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  static auto* const next = Next<ssize_t(int, void*, size_t, off_t)>("pread");
  return Fails(DiskFault::kRead, fd) ? -1 : next(fd, buffer, size, offset);
}

ssize_t pread64(int fd, void* buffer, size_t size, off64_t offset) {
  static auto* const next = Next<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return Fails(DiskFault::kRead, fd) ? -1 : next(fd, buffer, size, offset);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  static auto* const next = Next<int(const char*, int, ...)>("open");
  return ForWriting(flags) && Fails(DiskFault::kWrite, path) ? -1 : next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  static auto* const next = Next<int(const char*, int, ...)>("open64");
  return ForWriting(flags) && Fails(DiskFault::kWrite, path) ? -1 : next(path, flags, mode);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
