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
// run that the tool keeps beside the run.
struct InlineProperties {
  // Its place among the elements.
  size_t index = 0;
  std::string guid;
  std::string run_guid;
  bool has_results = false;
  std::unique_ptr<JsonLog> log;
};

// All inlineExternalProperties of a log, and whose they are.
class ExternalProperties {
 public:
  // Reads the array. Drops elements that have nothing reports are made of.
  absl::Status Read(const JsonLog& log, JsonValue value);
  absl::Status ReadRunIdentities(const JsonLog& log, JsonValue runs);
  // To be called when both have been read. An element is of the run that refers to it, of the one
  // whose guid it gives, of the only one, or of the one in its place where there are as many.
  void Assign();

  bool empty() const { return elements_.empty(); }
  // In their order.
  const std::vector<const InlineProperties*>& OfRun(size_t run) const;
  // Those that are of no run that can be told.
  const std::vector<const InlineProperties*>& OfNoRun() const { return OfRun(run_count_); }

  // Reads a run's externalPropertyFileReferences (section 3.14.2). What is neither here nor in the
  // run is a warning; results that are not are an error, because a run without them would look as
  // though all that was found before had been mended.
  absl::Status CheckReferences(const JsonLog& log, JsonValue value) const;

 private:
  size_t FindRun(const InlineProperties& element) const;
  bool AllHere(const std::vector<std::string>& guids, size_t references) const;

  std::vector<InlineProperties> elements_;
  // How many there were, with those that were not kept.
  size_t element_count_ = 0;
  absl::flat_hash_set<std::string> guids_;
  size_t run_count_ = 0;
  // Runs by their guid, and by the guids they refer to.
  StringMap<size_t> runs_by_guid_;
  StringMap<size_t> runs_by_reference_;
  absl::flat_hash_map<size_t, std::vector<const InlineProperties*>> of_run_;
};

}  // namespace stored::reports::sarif
