#include "reports/inputs/payload_start.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <string_view>

#include "base/files/file.h"
#include "base/status.h"
#include "reports/inputs/archive.h"
#include "reports/inputs/archive_reader.h"

namespace stored::reports {
namespace {

constexpr size_t kStartBlockBytes = size_t{64} << 10;

absl::Status NotA(std::string_view format, std::string_view syntax) {
  return absl::InvalidArgumentError(
      fmt::format("the payload is not a {}: it does not start like {}", format, syntax));
}

}  // namespace

absl::Status CheckSarifStart(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const FileKind kind, ReadFileKind(path));
  return kind == FileKind::kJson ? absl::OkStatus() : NotA("SARIF log", "JSON");
}

absl::Status CheckPlistStart(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const FileKind kind, ReadFileKind(path));
  return kind == FileKind::kXml ? absl::OkStatus() : NotA("plist", "XML");
}

absl::Status CheckArchiveStart(const std::string& path) {
  const ArchiveReader reader(archive_read_new());
  // The filters that UnpackArchive reads; libarchive has others that run programs.
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  // The streaming zip reader looks at no more than the first entry. The seeking one first reads the
  // directory at the end, which may list millions of entries.
  archive_read_support_format_zip_streamable(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_filename(reader.get(), path.c_str(), kStartBlockBytes) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
    return absl::InvalidArgumentError("the payload is not an archive: neither a zip nor a tar");
  }
  return absl::OkStatus();
}

}  // namespace stored::reports
