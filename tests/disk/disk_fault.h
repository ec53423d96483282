#pragma once

#include <atomic>
#include <cstdint>

namespace stored::tests {

// What goes wrong on the disk of a program, in memory that it shares with the test. The program has
// failing_disk.cc's library preloaded, and STORED_DISK_FAULT in its environment names the file that
// both have mapped. All zero is a disk that is well.
struct DiskFault {
  // Kinds of calls, to be added up.
  static constexpr int32_t kSync = 1;   // fsync, fdatasync
  static constexpr int32_t kWrite = 2;  // pwrite, ftruncate, open for writing
  static constexpr int32_t kRead = 4;   // pread
  static constexpr int32_t kBegin = 8;  // sync_file_range
  static constexpr int32_t kForEver = 1 << 30;

  // Which calls are meant: of these kinds, on a path that has `path` in it.
  std::atomic<int32_t> kinds;
  char path[512];
  // How many of them go well from now on, and how many fail then, with this errno.
  std::atomic<int32_t> well;
  std::atomic<int32_t> failing;
  std::atomic<int32_t> error;
  // Whether a sync that fails takes the file's content with it, as a kernel does that drops what it
  // could not write.
  std::atomic<int32_t> drops_content;

  // So far.
  std::atomic<int32_t> seen;
  std::atomic<int32_t> failed;
};

}  // namespace stored::tests
