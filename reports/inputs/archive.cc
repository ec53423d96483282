#include "reports/inputs/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <clocale>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/inputs/archive_reader.h"

namespace stored::reports {
namespace {

// Analyzers do not make deeper trees, and every level costs a directory.
constexpr size_t kMaxNameDepth = 128;
constexpr size_t kBlockBytes = 128 << 10;

// Sets this thread's character encoding to UTF-8 during its lifetime. libarchive converts names
// that a zip or tar marks as UTF-8 to the locale's encoding, and in the "C" locale of a service
// every letter beyond ASCII would become a '?'.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{})) {
    if (locale_ != locale_t{}) previous_ = ::uselocale(locale_);
  }
  ~Utf8Locale() {
    if (locale_ == locale_t{}) return;
    ::uselocale(previous_);
    ::freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_{};
  locale_t previous_{};
};

absl::StatusOr<uint64_t> FileSize(int fd, const std::string& name) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return ErrnoStatus(errno, name);
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{}: not a regular file", name));
  }
  return static_cast<uint64_t>(info.st_size);
}

// RESOURCE_EXHAUSTED if the file may be a zip whose directory has more than `max_entries`.
// libarchive reads the whole directory into memory, at some hundred bytes per entry, before it
// returns the first entry, and it ignores the number of entries in the end record. So entries are
// counted by their signatures (APPNOTE.TXT 4.3.12), anywhere in the file, because libarchive might
// find a directory there.
absl::Status CheckZipEntries(int fd, uint64_t max_entries, const std::string& name) {
  constexpr std::string_view kEntry("PK\x01\x02", 4);
  std::vector<char> block(kBlockBytes);
  uint64_t entries = 0;
  size_t kept = 0;  // Bytes of the block before: a signature may span both.
  for (uint64_t offset = 0;;) {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            ReadAt(fd, block.data() + kept, block.size() - kept, offset, name));
    const std::string_view text(block.data(), kept + n);
    if (n == 0) return absl::OkStatus();
    for (size_t at = text.find(kEntry); at != text.npos; at = text.find(kEntry, at + 1)) ++entries;
    if (entries > max_entries) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: the archive has more than {} files and directories", name, max_entries));
    }
    offset += n;
    kept = std::min(text.size(), kEntry.size() - 1);
    std::memmove(block.data(), text.data() + text.size() - kept, kept);
  }
}

// Unpacks one archive: checks each member, writes it, and counts the bytes written.
class Unpacker {
 public:
  Unpacker(std::string name, std::string directory, uint64_t packed_bytes, const Limits& limits,
           const Cancellation& stop)
      : name_(std::move(name)),
        directory_(std::move(directory)),
        packed_bytes_(packed_bytes),
        limits_(limits),
        stop_(stop) {}

  absl::Status Unpack(int fd) {
    STORED_RETURN_IF_ERROR(Open(fd));
    while (true) {
      struct archive_entry* entry = nullptr;
      const int result = archive_read_next_header(reader_.get(), &entry);
      if (result == ARCHIVE_EOF) return absl::OkStatus();
      // Warnings are about metadata that is not used (owners, times, unusual characters).
      if (result < ARCHIVE_WARN) return Damaged();
      STORED_RETURN_IF_ERROR(UnpackMember(entry));
    }
  }

 private:
  absl::Status Open(int fd) {
    reader_.reset(archive_read_new());
    struct archive* a = reader_.get();
    // Only the seeking zip reader is used: it reads the central directory, so that it notices a zip
    // that is cut short; the streaming reader would accept it.
    const bool supported = a != nullptr && archive_read_support_format_tar(a) == ARCHIVE_OK &&
                           archive_read_support_format_zip_seekable(a) == ARCHIVE_OK &&
                           archive_read_support_filter_gzip(a) == ARCHIVE_OK &&
                           archive_read_support_filter_bzip2(a) == ARCHIVE_OK &&
                           archive_read_support_filter_xz(a) == ARCHIVE_OK &&
                           archive_read_support_filter_zstd(a) == ARCHIVE_OK;
    if (!supported) {
      return absl::InternalError("libarchive lacks zip, tar or one of the compressions");
    }
    if (archive_read_open_fd(a, fd, kBlockBytes) == ARCHIVE_OK) return absl::OkStatus();
    return Damaged();
  }

  // Returns the error for an archive that cannot be read beyond the current member.
  absl::Status Damaged() const {
    const char* why = archive_error_string(reader_.get());
    return absl::InvalidArgumentError(fmt::format(
        "{}: not a whole zip or tar archive{}: {}", name_,
        member_.empty() ? "" : fmt::format(", after {}", member_), why != nullptr ? why : "?"));
  }
  // Returns the error for a member that an archive must not have.
  absl::Status Refused(std::string_view why) const {
    return absl::InvalidArgumentError(fmt::format("{}: member {}: {}", name_, member_, why));
  }
  absl::Status OverLimit(std::string_view why) const {
    return absl::ResourceExhaustedError(fmt::format("{}: member {}: {}", name_, member_, why));
  }
  absl::Status SystemError(int error) const {
    return ErrnoStatus(error, fmt::format("{}: unpacking {}", name_, member_));
  }

  absl::Status UnpackMember(struct archive_entry* entry) {
    const char* raw_name = archive_entry_pathname(entry);
    if (raw_name == nullptr) raw_name = archive_entry_pathname_utf8(entry);
    const std::string_view name = raw_name != nullptr ? raw_name : "";
    member_ = Printable(Utf8Prefix(name, limits_.max_path_bytes));
    STORED_RETURN_IF_ERROR(CountEntry());
    STORED_ASSIGN_OR_RETURN(std::vector<std::string> parts, CheckedParts(name));
    if (archive_entry_is_encrypted(entry) != 0) return Refused("is encrypted");
    if (archive_entry_hardlink(entry) != nullptr)
      return Refused("is a hard link; pack copies in place of links (tar --hard-dereference)");
    switch (archive_entry_filetype(entry)) {
      case AE_IFDIR:
        return MakeDirectories(parts, parts.size());
      case AE_IFREG:
        return UnpackFile(entry, parts);
      case AE_IFLNK:
        return Refused(
            "is a symbolic link; pack what links lead to in place of them (tar -h, zip without "
            "-y)");
      default:
        return Refused("is neither a file nor a directory");
    }
  }

  absl::Status CountEntry() {
    if (++entries_ <= limits_.max_entries) return absl::OkStatus();
    return OverLimit(
        fmt::format("the archive has more than {} files and directories", limits_.max_entries));
  }

  // Returns the names between the slashes, after checking that they stay below the directory.
  absl::StatusOr<std::vector<std::string>> CheckedParts(std::string_view name) const {
    if (name.empty()) return Refused("does not have a name");
    if (name.front() == '/') return Refused("has an absolute name");
    // Unpacked files are later opened by their whole path, which the system limits to PATH_MAX.
    if (name.size() > limits_.max_path_bytes || directory_.size() + name.size() + 2 > PATH_MAX) {
      return OverLimit("has too long a name");
    }
    std::vector<std::string> parts;
    for (size_t begin = 0; begin <= name.size();) {
      const size_t end = std::min(name.find('/', begin), name.size());
      const std::string_view part = name.substr(begin, end - begin);
      begin = end + 1;
      if (part.empty() || part == ".") continue;
      if (part == "..") return Refused("has \"..\" in its name");
      if (part.size() > NAME_MAX) return OverLimit("has too long a name");
      if (parts.size() == kMaxNameDepth) return OverLimit("lies too deep in directories");
      parts.emplace_back(part);
    }
    return parts;
  }

  // Creates the directory of the first `count` parts, below the one that is unpacked to.
  absl::Status MakeDirectories(const std::vector<std::string>& parts, size_t count) {
    std::string path = directory_;
    // Archives list the files of a directory together, so usually it is the last one created.
    for (size_t i = 0; i < count; ++i) path += "/" + parts[i];
    if (path == last_directory_) return absl::OkStatus();
    last_directory_ = path;
    path = directory_;
    for (size_t i = 0; i < count; ++i) {
      path += "/" + parts[i];
      if (::mkdir(path.c_str(), 0700) == 0) {
        STORED_RETURN_IF_ERROR(CountEntry());
        continue;
      }
      if (errno != EEXIST) return SystemError(errno);
      struct stat info {};
      if (::lstat(path.c_str(), &info) != 0) return SystemError(errno);
      if (!S_ISDIR(info.st_mode)) return Refused("needs a directory where there is a file");
    }
    return absl::OkStatus();
  }

  absl::Status UnpackFile(struct archive_entry* entry, const std::vector<std::string>& parts) {
    if (parts.empty()) return Refused("does not have a name");
    STORED_RETURN_IF_ERROR(MakeDirectories(parts, parts.size() - 1));
    const std::string path = last_directory_ + "/" + parts.back();
    const UniqueFd fd(
        ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd.valid()) {
      if (errno == EEXIST) return Refused("occurs twice");
      return SystemError(errno);
    }
    for (uint64_t offset = 0;;) {
      // The holes of a sparse file are read as zeros and count like other bytes.
      const la_ssize_t n = archive_read_data(reader_.get(), block_.data(), block_.size());
      if (n == 0) {
        SetTime(fd.get(), entry);
        return absl::OkStatus();
      }
      if (n < 0) return Damaged();
      STORED_RETURN_IF_ERROR(CountBytes(static_cast<uint64_t>(n)));
      STORED_RETURN_IF_ERROR(WriteAt(fd.get(), {block_.data(), static_cast<size_t>(n)}, offset,
                                     fmt::format("{}: unpacking {}", name_, member_)));
      offset += static_cast<uint64_t>(n);
    }
  }

  // Sets the file's time of modification to the member's, or to 1970 if the member has none: with
  // the time of unpacking, every source would look changed. Ignores failures, because the time only
  // decides about a warning.
  static void SetTime(int fd, struct archive_entry* entry) {
    // In 2242; some file systems cannot store later times.
    constexpr int64_t kLatest = int64_t{1} << 33;
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, 0}};
    if (archive_entry_mtime_is_set(entry) != 0) {
      times[1].tv_sec = std::clamp<int64_t>(archive_entry_mtime(entry), 0, kLatest);
      times[1].tv_nsec = std::clamp<long>(archive_entry_mtime_nsec(entry), 0, 999'999'999);
    }
    [[maybe_unused]] const int ignored = ::futimens(fd, times);
  }

  absl::Status CountBytes(uint64_t bytes) {
    if (stop_.Requested()) return absl::CancelledError("unpacking was cancelled");
    unpacked_bytes_ += bytes;
    if (unpacked_bytes_ > limits_.max_unpacked_bytes) {
      return OverLimit(
          fmt::format("the archive unpacks to more than {} bytes", limits_.max_unpacked_bytes));
    }
    // The ratio is to the size of the whole archive, not to the bytes read so far, because members
    // of a zip may share their bytes.
    if (unpacked_bytes_ > limits_.ratio_grace_bytes &&
        unpacked_bytes_ > packed_bytes_ * limits_.max_unpack_ratio) {
      return OverLimit(fmt::format("the archive unpacks to more than {} times its size",
                                   limits_.max_unpack_ratio));
    }
    return absl::OkStatus();
  }

  const std::string name_;
  const std::string directory_;
  const uint64_t packed_bytes_;
  const Limits limits_;
  const Cancellation& stop_;
  ArchiveReader reader_;
  // The name of the current member, for messages.
  std::string member_;
  std::string last_directory_;
  uint64_t unpacked_bytes_ = 0;
  uint64_t entries_ = 0;
  std::vector<char> block_ = std::vector<char>(kBlockBytes);
};

// Returns the first significant character of an XML or JSON text, after a byte order mark and white
// space, or 0. In UTF-16, the other byte of each unit is skipped too.
char FirstTextCharacter(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  const bool utf16 = head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
  if (utf16) head.remove_prefix(2);
  for (const char c : head) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (utf16 && c == '\0') continue;
    return c;
  }
  return '\0';
}

// Returns true if `head` starts with a zstd frame, or with a skippable frame that may precede it
// (RFC 8878, section 3.1).
bool StartsLikeZstd(std::string_view head) {
  if (head.starts_with("\x28\xb5\x2f\xfd")) return true;
  return head.size() >= 4 && (head[0] & '\xf0') == '\x50' && head.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

absl::Status UnpackArchive(const std::string& archive, const std::string& name,
                           const std::string& directory, const Limits& limits,
                           const Cancellation& stop) {
  const UniqueFd fd(::open(archive.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, name);
  STORED_ASSIGN_OR_RETURN(const uint64_t size, FileSize(fd.get(), name));
  STORED_RETURN_IF_ERROR(CheckZipEntries(fd.get(), limits.max_entries, name));
  const Utf8Locale utf8;
  return Unpacker(name, directory, size, limits, stop).Unpack(fd.get());
}

FileKind SniffFileKind(std::string_view head) {
  constexpr size_t kTarMagicAt = 257;
  if (head.starts_with("\x1f\x8b")) return FileKind::kGzip;
  if (StartsLikeZstd(head)) return FileKind::kZstd;
  // The second signature is the end of central directory of an empty zip.
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return FileKind::kZip;
  if (head.starts_with("BZh")) return FileKind::kBzip2;
  if (head.starts_with(std::string_view("\xfd"
                                        "7zXZ\0",
                                        6))) {
    return FileKind::kXz;
  }
  if (head.size() > kTarMagicAt && head.substr(kTarMagicAt).starts_with("ustar")) {
    return FileKind::kTar;
  }
  switch (FirstTextCharacter(head)) {
    case '<':
      return FileKind::kXml;
    case '{':
    case '[':
      return FileKind::kJson;
    default:
      return FileKind::kUnknown;
  }
}

}  // namespace stored::reports
