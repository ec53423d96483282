#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "base/files/file_system.h"

// Files, directories and archives that tests read.
namespace stored::reports {

// A temporary directory for one test.
class TestDirectory {
 public:
  TestDirectory() {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "reports-test-");
    EXPECT_TRUE(created.ok()) << created.status();
    if (created.ok()) directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }

  std::string Path(const std::string& name = "") const {
    return name.empty() ? directory_->path() : directory_->path() + "/" + name;
  }
  // Writes a file, and creates the directories above it. Returns its path.
  std::string Write(const std::string& name, std::string_view bytes) const {
    std::string path = Path(name);
    EXPECT_TRUE(CreateDirectories(std::filesystem::path(path).parent_path()).ok());
    absl::StatusOr<UniqueFd> fd = OpenFile(path, O_CREAT | O_TRUNC | O_WRONLY);
    EXPECT_TRUE(fd.ok()) << fd.status();
    EXPECT_TRUE(fd.ok() && WriteAt(fd->get(), bytes, 0, path).ok());
    return path;
  }

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
};

// A member of an archive, valid or not.
struct Member {
  std::string name;
  std::string content;
  unsigned type = AE_IFREG;
  // The target of a link; `hard` makes it a hard link.
  std::string link = "";
  bool hard = false;
  // The time of its last change, in seconds since 1970; 0 to leave it out.
  int64_t modified = 0;
};

// Archive formats and filters, as libarchive's writer is told them.
inline void AsZip(struct archive* a) { archive_write_set_format_zip(a); }
inline void AsTar(struct archive* a) { archive_write_set_format_pax_restricted(a); }
inline void AsTarGz(struct archive* a) {
  AsTar(a);
  archive_write_add_filter_gzip(a);
}
inline void AsTarBz2(struct archive* a) {
  AsTar(a);
  archive_write_add_filter_bzip2(a);
}
inline void AsTarXz(struct archive* a) {
  AsTar(a);
  archive_write_add_filter_xz(a);
}
inline void AsTarZst(struct archive* a) {
  AsTar(a);
  archive_write_add_filter_zstd(a);
}

// Writes `members` to the archive `path`.
inline void WriteArchive(const std::string& path, const std::vector<Member>& members,
                         const std::function<void(struct archive*)>& format) {
  struct archive* a = archive_write_new();
  format(a);
  ASSERT_EQ(archive_write_open_filename(a, path.c_str()), ARCHIVE_OK) << archive_error_string(a);
  for (const Member& member : members) {
    struct archive_entry* entry = archive_entry_new();
    archive_entry_copy_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, 0644);
    if (member.modified != 0) archive_entry_set_mtime(entry, member.modified, 0);
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.content.size()));
    if (member.hard) {
      archive_entry_copy_hardlink(entry, member.link.c_str());
    } else if (!member.link.empty()) {
      archive_entry_copy_symlink(entry, member.link.c_str());
    }
    ASSERT_EQ(archive_write_header(a, entry), ARCHIVE_OK) << archive_error_string(a);
    ASSERT_EQ(archive_write_data(a, member.content.data(), member.content.size()),
              static_cast<la_ssize_t>(member.content.size()));
    archive_entry_free(entry);
  }
  ASSERT_EQ(archive_write_close(a), ARCHIVE_OK) << archive_error_string(a);
  archive_write_free(a);
}

}  // namespace stored::reports
