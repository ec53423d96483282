#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A logicalLocation (SARIF section 3.33) as the log has it.
struct LogicalLocation {
  std::string fully_qualified_name;
  // The name, or else the decoratedName.
  std::string name;
  // An index into run.logicalLocations; -1 if absent.
  int64_t index = -1;
  int64_t parent_index = -1;
  // True for a part of a document (an element, a property) rather than of a program.
  bool in_document = false;
};

absl::Status ReadLogicalLocation(const JsonLog& log, JsonValue value, LogicalLocation& location);
// Appends to `locations`.
absl::Status ReadLogicalLocations(const JsonLog& log, JsonValue value,
                                  std::vector<LogicalLocation>& locations);

// A run's logicalLocations (section 3.14.17), to which those of its results refer.
class LogicalLocations {
 public:
  // Appends to the locations read before.
  absl::Status Read(const JsonLog& log, JsonValue value);

  // Returns true if there is a location with this index.
  bool Has(int64_t index) const { return At(index) != nullptr; }

  // Returns the fully qualified name of `location`, which may be just a reference to one of the
  // run's: its own, or one made of its name and those of its parents ("ns.Class.method", "/a/b" in
  // a document). Returns "" if it does not have a name. A name longer than
  // kMaxLogicalNameBytes is cut to that and ends with a digest of all of it.
  std::string FullName(const LogicalLocation& location) const;

 private:
  const LogicalLocation* At(int64_t index) const;
  std::string NameBelowParents(const LogicalLocation& location) const;

  std::vector<LogicalLocation> locations_;
};

// Bytes that are kept of a longer name, in front of its digest.
inline constexpr size_t kMaxLogicalNameBytes = 4096;

// Returns the names as one text, each once, separated by "; ". A text longer than
// kMaxLogicalNameBytes is cut as by FullName(), so that different lists remain different.
std::string JoinLogicalNames(std::vector<std::string> names);

}  // namespace stored::reports::sarif
