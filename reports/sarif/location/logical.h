#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A logicalLocation (SARIF section 3.33) as it stands in the log.
struct LogicalLocation {
  std::string fully_qualified_name;
  // Or else its decoratedName.
  std::string name;
  // Into run.logicalLocations; -1 is none.
  int64_t index = -1;
  int64_t parent_index = -1;
  // Whether it is a part of a document (an element, a property), rather than of a program.
  bool in_document = false;
};

absl::Status ReadLogicalLocation(const JsonLog& log, JsonValue value, LogicalLocation& location);
// Appends.
absl::Status ReadLogicalLocations(const JsonLog& log, JsonValue value,
                                  std::vector<LogicalLocation>& locations);

// A run's logicalLocations (section 3.14.17): what those of its results refer to.
class LogicalLocations {
 public:
  // Appends.
  absl::Status Read(const JsonLog& log, JsonValue value);

  // Returns whether there is one of this index.
  bool Has(int64_t index) const { return At(index) != nullptr; }

  // Returns the fully qualified name of `location`, which may only refer to one of the run's: its
  // own, or else made of its name and those of its parents ("ns.Class.method", "/a/b" in a
  // document). Empty when there is no name. At most kMaxLogicalNameBytes, roughly.
  std::string FullName(const LogicalLocation& location) const;

 private:
  const LogicalLocation* At(int64_t index) const;
  std::string NameBelowParents(const LogicalLocation& location) const;

  std::vector<LogicalLocation> locations_;
};

// Longer names are kept by their beginning.
inline constexpr size_t kMaxLogicalNameBytes = 4096;

// Returns the names in one text, each once, "; " between them. A long text is cut and ends with a
// digest of all of it, so that different lists stay different.
std::string JoinLogicalNames(std::vector<std::string> names);

}  // namespace stored::reports::sarif
