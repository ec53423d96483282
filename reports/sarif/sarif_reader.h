#pragma once

#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/result_file.h"

namespace stored::reports {

// Reads a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"). Every run in it;
// a result becomes one report, at its first location that has a file. `name` is the file's name for
// messages.
//
// CANCELLED soon after `stop` asks for an end. INVALID_ARGUMENT names the file, where in it
// ("runs[0].results[12]") and what is wrong: not JSON, not SARIF 2.1.0, an index out of range.
// RESOURCE_EXHAUSTED for what is over a limit. A pure function; safe to call from many threads at
// once.
absl::StatusOr<ResultFile> ReadSarif(std::string bytes, const std::string& name,
                                     const Limits& limits, const std::stop_token& stop = {});

}  // namespace stored::reports
