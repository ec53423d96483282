#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/limits.h"

namespace stored::reports {

// Unpacks a zip or tar (plain, gzip, bzip2, xz, zstd) into the existing, empty `directory`. Only
// directories and regular files; mode and owner are not taken over.
//
// INVALID_ARGUMENT names archive and member: an absolute name, a name with "..", a link or device,
// a name twice, an encrypted member, an archive cut short or of no known format. RESOURCE_EXHAUSTED
// for what is over a limit (zip bombs). What was unpacked until then is left for the caller to
// remove with the directory.
absl::Status UnpackArchive(const std::string& archive, const std::string& directory,
                           const Limits& limits);

// Decompresses `bytes` when they start like gzip or zstd, else returns them. `name` is for
// messages. INVALID_ARGUMENT when cut short or damaged, RESOURCE_EXHAUSTED when over
// max_result_file_bytes or the ratio.
absl::StatusOr<std::string> DecompressIfNeeded(std::string bytes, const std::string& name,
                                               const Limits& limits);

// What the first bytes of a file say it is.
enum class FileKind { kUnknown, kXml, kJson, kGzip, kZstd, kZip, kTar, kBzip2, kXz };
// `head` is the first 512 bytes, or all of a shorter file.
FileKind SniffFileKind(std::string_view head);

}  // namespace stored::reports
