#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/result_file.h"

namespace stored::reports {

// Reads a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"). Every run in it;
// a result becomes one report, at its first location that has a file. `name` is the file's name for
// messages.
//
// With `parts` the log comes in parts, and is not known to be well-formed before the last: what has
// been handed on of it has to be forgotten when the answer is an error. All parts together are what
// is returned without. A log of several runs comes as one part: a run may embed the sources that
// those before it name.
//
// CANCELLED soon after `stop` asks for an end. INVALID_ARGUMENT names the file, where in it
// ("runs[0].results[12]") and what is wrong: not JSON, not SARIF 2.1.0, an index out of range.
// RESOURCE_EXHAUSTED for what is over a limit. A pure function; safe to call from many threads at
// once.
absl::StatusOr<ResultFile> ReadSarif(std::string bytes, const std::string& name,
                                     const Limits& limits, const Cancellation& stop = {},
                                     ResultParts* parts = nullptr);

}  // namespace stored::reports
