#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "bench/floor/database.h"

namespace stored::bench::floor {

// The state that all threads share: the files and the reports seen so far. Safe for concurrent use.
class Seen {
 public:
  struct File {
    std::string path;
    bool taken = false;  // A thread reads its content.
  };

  // Returns the file's number; numbers start at 1.
  uint32_t FileId(const std::string& path);
  // Returns true if no report with this identity was added before.
  bool AddReport(const std::string& identity);
  // Returns true once per file, to the thread that must read its content.
  bool TakeFile(uint32_t id);
  std::string PathOf(uint32_t id);
  // REQUIRES: no other thread uses this object any more.
  const std::vector<File>& files() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return files_; }

 private:
  Mutex mutex_;
  absl::flat_hash_map<std::string, uint32_t> ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<File> files_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> reports_ ABSL_GUARDED_BY(mutex_);
};

struct ParsedPlist {
  uint64_t diagnostics = 0;
  uint64_t reports = 0;
  // With `want_rows`: the reports, and the files whose content the caller must read.
  std::vector<Row> rows;
  std::vector<uint32_t> files;
};

// Parses one plist in place with pugixml and drops the reports that `seen` already has.
ParsedPlist ParsePlist(const std::string& path, bool want_rows, Seen& seen);

// Returns the paths of all plists in `directory`.
std::vector<std::string> PlistsIn(const std::string& directory);

}  // namespace stored::bench::floor
