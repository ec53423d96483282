#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/result_file.h"

namespace stored::reports {

// Reads a plist of clang's analyzer (-analyzer-output=plist*) or CodeChecker: XML property list
// with `files` and `diagnostics`, keys in any order (CodeChecker's docs/tools/plist.md).
//
// `name` is the file's name for messages. A relative path in `files` is resolved against
// `directory`, where the plist lies; with an empty `directory` it stays relative.
//
// Of a diagnostic that `filter` does not want, it may be that nothing more is read, nor checked,
// than it was asked about. All are wanted when there is none.
//
// A diagnostic of which something is odd (a number that is none, a reference to a file that is not
// there, a field of another kind) is kept without that, with a warning; where that is its place, it
// is at none: in a file without a path. A hash of zeros or white space is none.
//
// CANCELLED soon after `stop` asks for an end, but for the time that the XML takes to parse.
// INVALID_ARGUMENT names the file, where in it (line or diagnostic) and what is wrong: not XML, not
// a plist, cut short, a document type that declares entities, keys and values that do not
// alternate, references to files without a list of files. RESOURCE_EXHAUSTED for what is over a
// limit. Safe to call from many threads at once.
absl::StatusOr<ResultFile> ReadPlist(const std::string& bytes, const std::string& name,
                                     const std::string& directory, const Limits& limits,
                                     const Cancellation& stop = {},
                                     DiagnosticFilter* filter = nullptr);

}  // namespace stored::reports
