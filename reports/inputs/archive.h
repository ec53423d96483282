#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"

namespace stored::reports {

// Unpacks a zip or tar (plain, gzip, bzip2, xz, zstd) into `directory`. Unpacks only directories
// and regular files. Of their metadata, keeps the time of modification (1970 if the archive does
// not state it), but not mode and owner. Does not unpack archives within the archive. `name` is the
// archive's name for messages. Syncs nothing to disk.
//
// REQUIRES: `directory` exists, is empty, and is not written to by others meanwhile.
//
// INVALID_ARGUMENT names archive and member: an absolute name, a name with "..", a link or device,
// a file that occurs twice, an encrypted member, an archive that is cut short or of an unknown
// format. RESOURCE_EXHAUSTED if a limit is exceeded (zip bombs). CANCELLED if `stop`, which is
// polled for each block, is requested. After an error, the caller must remove the directory with
// the files unpacked so far.
absl::Status UnpackArchive(const std::string& archive, const std::string& name,
                           const std::string& directory, const Limits& limits,
                           const Cancellation& stop = {});

// Decompresses `bytes` if they start like gzip or zstd, else returns them. Several consecutive
// members or frames are one content. `name` is for messages. INVALID_ARGUMENT if the data is cut
// short, damaged, or followed by other data; RESOURCE_EXHAUSTED if it exceeds max_result_file_bytes
// or the ratio.
absl::StatusOr<std::string> DecompressIfNeeded(std::string bytes, const std::string& name,
                                               const Limits& limits);

// Returns the first `size` bytes, or fewer, of the content of a gzip or zstd file, of which `head`
// is the beginning. Returns "" for other or damaged data. A `head` of kDecompressHeadBytes is long
// enough to yield some bytes.
std::string DecompressHead(std::string_view head, size_t size);
inline constexpr size_t kDecompressHeadBytes = 256 << 10;

// The type of a file according to its first bytes.
enum class FileKind { kUnknown, kXml, kJson, kGzip, kZstd, kZip, kTar, kBzip2, kXz };
// Returns the type of a file. `head` is its first kSniffBytes, or all of a shorter file.
FileKind SniffFileKind(std::string_view head);
inline constexpr size_t kSniffBytes = 512;
// Returns the type of the file at `path`. For a file that is compressed with gzip or zstd, returns
// the type of its content: kTar for a .tar.gz. Errors are those of ErrnoStatus.
absl::StatusOr<FileKind> ReadFileKind(const std::string& path);

}  // namespace stored::reports
