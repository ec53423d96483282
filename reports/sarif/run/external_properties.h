#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// An element of a log's inlineExternalProperties (SARIF sections 3.13.5 and 4.3): properties of a
// run that the tool keeps outside the run.
struct InlineProperties {
  // The index among the elements.
  size_t index = 0;
  std::string guid;
  std::string run_guid;
  bool has_results = false;
  std::unique_ptr<JsonLog> log;
};

// All inlineExternalProperties of a log, and the run that each belongs to.
class ExternalProperties {
 public:
  // Reads the array. Drops elements without properties from which reports are made.
  absl::Status Read(const JsonLog& log, JsonValue value);
  absl::Status ReadRunIdentities(const JsonLog& log, JsonValue runs);
  // REQUIRES: called once, after both have been read. Assigns an element to the run that refers to
  // it, else to the run whose guid it names, else to the only run, else to the run with its index
  // if there are as many runs as elements.
  void Assign();

  bool empty() const { return elements_.empty(); }
  // Returns the elements of a run, in their order.
  const std::vector<const InlineProperties*>& OfRun(size_t run) const;
  // Returns the elements whose run cannot be determined.
  const std::vector<const InlineProperties*>& OfNoRun() const { return OfRun(run_count_); }

  // Reads a run's externalPropertyFileReferences (section 3.14.2). Warns about properties that are
  // neither here nor in the run. Missing results are an error, because without them all earlier
  // findings of the run would appear to be fixed.
  absl::Status CheckReferences(const JsonLog& log, JsonValue value) const;

 private:
  size_t FindRun(const InlineProperties& element) const;
  bool AllHere(const std::vector<std::string>& guids, size_t references) const;

  std::vector<InlineProperties> elements_;
  // The number of elements that are objects, including those that were dropped.
  size_t element_count_ = 0;
  absl::flat_hash_set<std::string> guids_;
  size_t run_count_ = 0;
  // Indices of runs, by their guid and by the guids that they refer to.
  StringMap<size_t> runs_by_guid_;
  StringMap<size_t> runs_by_reference_;
  absl::flat_hash_map<size_t, std::vector<const InlineProperties*>> of_run_;
};

}  // namespace stored::reports::sarif
