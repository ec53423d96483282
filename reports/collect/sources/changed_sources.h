#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stored::reports {

// The sources that are newer than a result file that names them, so that its lines may be those of
// another text. Keeps a few names. Not safe for concurrent use.
class ChangedSources {
 public:
  // Adds a pair; both names are as the user knows them.
  void Add(const std::string& source, const std::string& result_file);

  uint64_t count() const { return count_; }
  // One line that says how many they are and names the first few; empty when there are none.
  std::string Warning() const;

 private:
  uint64_t count_ = 0;
  // Of the first few.
  std::vector<std::string> names_;
};

// Returns whether a source that was last changed at `source_ns` is newer than a result file of
// `result_ns`. Never where either time is not known (0). Times that an archive keeps are exact to 2
// s at best (APPNOTE.TXT 4.4.6 and MS-DOS), so there they have to be further apart.
bool IsNewer(int64_t source_ns, int64_t result_ns, bool archived);

}  // namespace stored::reports
