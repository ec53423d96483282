#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "bench/floor/database.h"

namespace stored::bench::floor {

// What all threads share: the files seen, and the reports. Safe for concurrent use.
class Seen {
 public:
  struct File {
    std::string path;
    bool taken = false;  // Somebody reads its content.
  };

  // The file's number; from 1.
  uint32_t FileId(const std::string& path);
  // Whether a report with this identity is new.
  bool AddReport(const std::string& identity);
  // True once a file, for whoever is to read its content.
  bool TakeFile(uint32_t id);
  std::string PathOf(uint32_t id);
  // When no thread is left.
  const std::vector<File>& files() const { return files_; }

 private:
  std::mutex mutex_;
  absl::flat_hash_map<std::string, uint32_t> ids_;
  std::vector<File> files_;
  absl::flat_hash_set<std::string> reports_;
};

struct ParsedPlist {
  uint64_t diagnostics = 0;
  uint64_t reports = 0;
  // With `want_rows`: the reports, and the files whose content is to be read along with them.
  std::vector<Row> rows;
  std::vector<uint32_t> files;
};

// Parses one plist in place with pugixml and drops the reports that `seen` has already.
ParsedPlist ParsePlist(const std::string& path, bool want_rows, Seen& seen);

// The paths of all plists in `directory`.
std::vector<std::string> PlistsIn(const std::string& directory);

}  // namespace stored::bench::floor
