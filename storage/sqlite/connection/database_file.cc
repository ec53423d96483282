#include "storage/sqlite/connection/database_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"

namespace stored::storage::sqlite {
namespace {

namespace fs = std::filesystem;

// SQLite's file format (https://www.sqlite.org/fileformat2.html). The header of a database has its
// page size (1 stands for 64 KiB) and a version that tells whether it is in WAL mode.
constexpr size_t kHeaderBytes = 20;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr size_t kPageSizeOffset = 16;
constexpr size_t kReadVersionOffset = 19;
constexpr char kRollbackVersion = 1;
// The header of a log. The lowest bit of the magic number is the byte order of the checksums.
constexpr size_t kLogHeaderBytes = 32;
constexpr uint32_t kLogMagic = 0x377f0682;
constexpr size_t kLogPageSizeOffset = 8;

// The number of bytes of a problem that are kept: SQLite's description of damage may quote the
// file.
constexpr size_t kMaxProblemBytes = 200;
constexpr std::string_view kProblemPrefix = "*** in database main ***\n";

uint32_t BigEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

absl::Status Damaged(const std::string& path, std::string_view what) {
  return absl::FailedPreconditionError(fmt::format(
      "database {} {}; restore it from a backup, with no {}-wal beside it", path, what, path));
}

absl::StatusOr<std::string> ReadBeginning(const std::string& path, size_t size) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY));
  std::string bytes(size, '\0');
  STORED_ASSIGN_OR_RETURN(const size_t n, ReadAt(fd.get(), bytes.data(), size, 0, path));
  bytes.resize(n);
  return bytes;
}

// Returns the problem of the log of a database that begins with `header`; nothing if there is none.
// After a loss of power a log has its header or, if that was never written, zeros.
absl::StatusOr<std::optional<std::string>> ProblemOfLog(const std::string& log,
                                                        std::string_view header) {
  std::error_code error;
  const fs::file_status status = fs::status(log, error);
  if (!fs::exists(status)) return std::nullopt;
  if (!fs::is_regular_file(status)) return "is not a regular file";
  STORED_ASSIGN_OR_RETURN(const std::string begin, ReadBeginning(log, kLogHeaderBytes));
  if (begin.size() < kLogHeaderBytes) return std::nullopt;  // The log is empty.
  const std::string_view bytes = begin;
  const uint32_t magic = BigEndian(bytes.substr(0, 4));
  if (magic == 0) return std::nullopt;
  if ((magic & ~uint32_t{1}) != kLogMagic) return "is not a log of SQLite's";
  if (header[kReadVersionOffset] == kRollbackVersion) return "belongs to another file";
  const uint32_t page_size = BigEndian(header.substr(kPageSizeOffset, 2));
  if (BigEndian(bytes.substr(kLogPageSizeOffset, 4)) != (page_size == 1 ? 65536 : page_size)) {
    return "belongs to another file";
  }
  return std::nullopt;
}

}  // namespace

bool IsThere(const std::string& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

absl::Status CheckDatabaseFile(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return Damaged(path, IsThere(path) ? "is a symbolic link to a missing file" : "is missing");
  }
  if (fs::is_directory(status)) return Damaged(path, "is a directory");
  // If permissions hide the file, SQLite reports that.
  if (!fs::exists(status)) return absl::OkStatus();
  if (!fs::is_regular_file(status)) return Damaged(path, "is not a regular file");
  STORED_ASSIGN_OR_RETURN(const std::string header, ReadBeginning(path, kHeaderBytes));
  if (header.empty()) return Damaged(path, "is empty (0 bytes)");
  if (header.size() < kHeaderBytes || !header.starts_with(kMagic)) {
    return Damaged(path, "is not a SQLite database, or is damaged from its first byte on");
  }
  const std::string log = path + "-wal";
  STORED_ASSIGN_OR_RETURN(const std::optional<std::string> problem, ProblemOfLog(log, header));
  if (!problem.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}, the log of database {}, {}; restore both from a backup (which has no log), "
                  "or move the log away if the database is from one",
                  log, path, *problem));
}

absl::StatusOr<std::vector<std::string>> FindDamage(Database& database, CheckDepth depth) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(depth == CheckDepth::kQuick
                                                                 ? "PRAGMA quick_check(1)"
                                                                 : "PRAGMA integrity_check(10)"));
  std::vector<std::string> problems;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return problems;
    std::string_view text = select.Bytes(0);
    if (text == "ok") continue;
    if (text.starts_with(kProblemPrefix)) text.remove_prefix(kProblemPrefix.size());
    problems.push_back(Printable(Utf8Prefix(text, kMaxProblemBytes)));
  }
}

absl::Status QuickCheck(Database& database) {
  STORED_ASSIGN_OR_RETURN(const int64_t pages, database.QueryInt("PRAGMA page_count"));
  STORED_ASSIGN_OR_RETURN(const int64_t page_size, database.QueryInt("PRAGMA page_size"));
  if (pages * page_size > kQuickCheckBytes) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const std::vector<std::string> problems,
                          FindDamage(database, CheckDepth::kQuick));
  database.ReleaseMemory();
  if (problems.empty()) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("database {}: it is damaged ({}); restore it from a backup", database.path(),
                  problems.front()));
}

}  // namespace stored::storage::sqlite
