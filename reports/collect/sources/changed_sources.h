#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stored::reports {

// Counts the sources that are newer than a result file that names them, so that its lines may refer
// to another text. Keeps the first few names. Not safe for concurrent use.
class ChangedSources {
 public:
  // Adds a source and a result file that names it; both names are as the user knows them.
  void Add(const std::string& source, const std::string& result_file);

  uint64_t count() const { return count_; }
  // Returns one line that says how many there are and names the first few; empty if there are none.
  std::string Warning() const;

 private:
  uint64_t count_ = 0;
  // The first few.
  std::vector<std::string> names_;
};

// Returns true if a source that was last changed at `source_ns` is newer than a result file of
// `result_ns`. False if either time is not known (0). Times in an archive are only exact to 2 s
// (APPNOTE.TXT 4.4.6 and MS-DOS), so if `archived`, they must differ by more than that.
bool IsNewer(int64_t source_ns, int64_t result_ns, bool archived);

}  // namespace stored::reports
