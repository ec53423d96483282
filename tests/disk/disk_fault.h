#pragma once

#include <atomic>
#include <cstdint>

namespace stored::tests {

// The faults of a program's disk, in memory that the program shares with the test. The program has
// failing_disk.cc's library preloaded, and STORED_DISK_FAULT in its environment names the file that
// both have mapped. All zeros mean a disk without faults.
struct DiskFault {
  // Kinds of calls; a mask can combine them.
  static constexpr int32_t kSync = 1;   // fsync, fdatasync
  static constexpr int32_t kWrite = 2;  // pwrite, ftruncate, open for writing
  static constexpr int32_t kRead = 4;   // pread
  static constexpr int32_t kBegin = 8;  // sync_file_range
  static constexpr int32_t kForEver = 1 << 30;

  // Select the calls that may fail: those of these kinds on a path that contains `path`.
  std::atomic<int32_t> kinds;
  char path[512];
  // The number of selected calls that succeed from now on, the number that fail after them, and the
  // errno of the failures.
  std::atomic<int32_t> well;
  std::atomic<int32_t> failing;
  std::atomic<int32_t> error;
  // If not 0, a failing sync also drops the file's content, as a kernel does that discards pages
  // which it could not write.
  std::atomic<int32_t> drops_content;

  // The number of selected calls so far.
  std::atomic<int32_t> seen;
  std::atomic<int32_t> failed;
};

}  // namespace stored::tests
