#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/result_file.h"

namespace stored::reports {

// Reads all runs of a SARIF 2.1.0 log (OASIS, "Static Analysis Results Interchange Format"). A
// result becomes one report, at its first location that has a file. `name` is the file's name for
// messages.
//
// With `parts`, hands the log on in parts before it is known to be well-formed: if this returns an
// error, the caller must discard the parts. The parts, with the returned file as the last one, make
// up the file that is returned without `parts`. A log of several runs comes as one part, because a
// run may embed sources that earlier runs name.
//
// CANCELLED soon after `stop` is requested. INVALID_ARGUMENT names the file, the place in it
// ("runs[0].results[12]") and the fault: not JSON, not SARIF 2.1.0, an index out of range.
// RESOURCE_EXHAUSTED if a limit is exceeded. Has no side effects; safe to call from many threads at
// once.
absl::StatusOr<ResultFile> ReadSarif(std::string bytes, const std::string& name,
                                     const Limits& limits, const Cancellation& stop = {},
                                     ResultParts* parts = nullptr);

}  // namespace stored::reports
