#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"

namespace stored::reports {

// Unpacks a zip or tar (plain, gzip, bzip2, xz, zstd) into the existing, empty `directory`, which
// nothing else may write to meanwhile. Unpacks directories and regular files only. Of their
// metadata it keeps the time of the last change (1970 where the archive does not say), not mode and
// owner. Archives inside stay packed. `name` is the archive's name for messages. Nothing is synced
// to disk.
//
// INVALID_ARGUMENT names archive and member: an absolute name, a name with "..", a link or device,
// a file twice, an encrypted member, an archive cut short or of no known format. RESOURCE_EXHAUSTED
// for what is over a limit (zip bombs). What was unpacked until then is left for the caller to
// remove with the directory.
// CANCELLED if `stop`, which is polled block by block, is requested.
absl::Status UnpackArchive(const std::string& archive, const std::string& name,
                           const std::string& directory, const Limits& limits,
                           const Cancellation& stop = {});

// Decompresses `bytes` when they start like gzip or zstd, else returns them. Several members or
// frames in a row are one content. `name` is for messages. INVALID_ARGUMENT when cut short, damaged
// or followed by something else; RESOURCE_EXHAUSTED when over max_result_file_bytes or the ratio.
absl::StatusOr<std::string> DecompressIfNeeded(std::string bytes, const std::string& name,
                                               const Limits& limits);

// The first `size` bytes, or fewer, of what `head`, the first bytes of a gzip or zstd file, holds;
// empty for what is neither or damaged. kDecompressHeadBytes of `head` are enough to get some.
std::string DecompressHead(std::string_view head, size_t size);
inline constexpr size_t kDecompressHeadBytes = 256 << 10;

// What the first bytes of a file say it is.
enum class FileKind { kUnknown, kXml, kJson, kGzip, kZstd, kZip, kTar, kBzip2, kXz };
// `head` is the first kSniffBytes, or all of a shorter file.
FileKind SniffFileKind(std::string_view head);
inline constexpr size_t kSniffBytes = 512;

}  // namespace stored::reports
