#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/result_file.h"

namespace stored::reports {

// Reads a plist of clang's analyzer (-analyzer-output=plist*) or CodeChecker: an XML property list
// with `files` and `diagnostics`, with keys in any order (CodeChecker's docs/tools/plist.md).
//
// `name` is the file's name for messages. A relative path in `files` is resolved against
// `directory`, which is that of the plist; if `directory` is empty, it remains relative.
//
// `filter` chooses the diagnostics; null accepts all. Of a diagnostic that it rejects, only the
// fields that it was given may have been read and checked.
//
// A malformed field of a diagnostic (a malformed number, a reference to a missing file, a value of
// another kind) is left out with a warning; a report without a location is put into a file without
// a path. A hash of only zeros or white space counts as absent.
//
// CANCELLED soon after `stop` is requested, except while the XML is parsed. INVALID_ARGUMENT names
// the file, the place in it (line or diagnostic) and the fault: not XML, not a plist, cut short, a
// document type that declares entities, keys and values that do not alternate, references to files
// without a list of files. RESOURCE_EXHAUSTED if a limit is exceeded. Safe to call from many
// threads at once.
absl::StatusOr<ResultFile> ReadPlist(const std::string& bytes, const std::string& name,
                                     const std::string& directory, const Limits& limits,
                                     const Cancellation& stop = {},
                                     DiagnosticFilter* filter = nullptr);

}  // namespace stored::reports
