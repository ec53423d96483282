#include "reports/inputs/archive.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <clocale>
#include <filesystem>
#include <map>

#include "base/testing/split_texts.h"
#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class UnpackArchiveTest : public testing::Test {
 protected:
  std::string MakeArchive(const std::vector<Member>& members,
                          const std::function<void(struct archive*)>& format) {
    std::string path = directory_.Path("archive");
    WriteArchive(path, members, format);
    return path;
  }
  absl::Status Unpack(const std::string& archive) {
    std::filesystem::remove_all(Out());
    EXPECT_TRUE(CreateDirectories(Out()).ok());
    return UnpackArchive(archive, "upload.zip", Out(), limits_);
  }
  absl::Status UnpackMembers(const std::vector<Member>& members,
                             const std::function<void(struct archive*)>& format = AsTar) {
    return Unpack(MakeArchive(members, format));
  }
  std::string Out() const { return directory_.Path("out"); }

  // Returns the unpacked files, as name -> content.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Out())) {
      if (!entry.is_regular_file()) continue;
      files[entry.path().lexically_relative(Out()).string()] =
          *ReadFile(entry.path().string(), 1 << 30);
    }
    return files;
  }

  TestDirectory directory_;
  Limits limits_;
};

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& part) {
  EXPECT_EQ(status.code(), code) << status;
  const std::string message(status.message().data(), status.message().size());
  EXPECT_THAT(message, HasSubstr("upload.zip: "));
  EXPECT_THAT(message, HasSubstr(part));
}

TEST_F(UnpackArchiveTest, EveryFormat_SameFiles) {
  const std::vector<Member> members = {{"r/", "", AE_IFDIR},
                                       {"r/a.plist", "first"},
                                       {"r/deep/er/b.plist", std::string(300'000, 'b')},
                                       {"./r/empty", ""}};
  for (const auto& format : {AsZip, AsTar, AsTarGz, AsTarBz2, AsTarXz, AsTarZst}) {
    const absl::Status status = UnpackMembers(members, format);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_THAT(Files(), ElementsAre(Pair("r/a.plist", "first"),
                                     Pair("r/deep/er/b.plist", std::string(300'000, 'b')),
                                     Pair("r/empty", "")));
  }
}

TEST_F(UnpackArchiveTest, Times_AreThoseOfTheArchive) {
  Member old{"old", "1"};
  old.modified = 1'600'000'000;
  Member huge{"huge", "2"};
  huge.modified = int64_t{1} << 40;
  const auto modified = [this](const char* name) {
    struct stat info {};
    EXPECT_EQ(::stat((Out() + "/" + name).c_str(), &info), 0) << name;
    return static_cast<int64_t>(info.st_mtim.tv_sec);
  };
  for (const auto& format : {AsZip, AsTar, AsTarGz}) {
    ASSERT_TRUE(UnpackMembers({old}, format).ok());
    EXPECT_EQ(modified("old"), 1'600'000'000);
  }
  ASSERT_TRUE(UnpackMembers({old, huge, {"none", "3"}}, AsTar).ok());
  EXPECT_EQ(modified("old"), 1'600'000'000);
  EXPECT_EQ(modified("none"), 0);
  EXPECT_GT(modified("huge"), 4'000'000'000);
}

TEST_F(UnpackArchiveTest, DirectoryTwiceOrAfterItsFiles_IsFine) {
  const absl::Status status =
      UnpackMembers({{"r/a", "1"}, {"r/", "", AE_IFDIR}, {"s/b", "2"}, {"r", "", AE_IFDIR}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(Files(), ElementsAre(Pair("r/a", "1"), Pair("s/b", "2")));
}

TEST_F(UnpackArchiveTest, NameNotAscii_IsKeptInEveryLocale) {
  const std::string name = "d\xc3\xa9pendance.plist";
  const std::string path = directory_.Path("archive");
  {
    // The writer marks names as UTF-8 only in such a locale.
    const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    const locale_t before = ::uselocale(utf8);
    WriteArchive(path, {{name, "x"}}, AsZip);
    ::uselocale(before);
    ::freelocale(utf8);
  }
  ASSERT_TRUE(Unpack(path).ok());
  EXPECT_THAT(Files(), ElementsAre(Pair(name, "x")));
}

TEST_F(UnpackArchiveTest, Cancelled_EndsInTheMiddle) {
  const std::string archive =
      MakeArchive({{"a", "first"}, {"b", std::string(1 << 20, 'b')}}, AsTar);
  ASSERT_TRUE(CreateDirectories(Out()).ok());
  int asked = 0;
  const absl::Status status =
      UnpackArchive(archive, "upload.tar", Out(), limits_, [&asked] { return ++asked > 1; });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(UnpackArchiveTest, ArchiveInAnArchive_IsNotUnpacked) {
  WriteArchive(directory_.Path("inner"), {{"x", "y"}}, AsZip);
  const std::string inner = *ReadFile(directory_.Path("inner"), 1 << 20);
  ASSERT_TRUE(UnpackMembers({{"failed/a.zip", inner}}).ok());
  EXPECT_THAT(Files(), ElementsAre(Pair("failed/a.zip", inner)));
}

TEST_F(UnpackArchiveTest, NamesThatLeadOutside_Refused) {
  for (const char* name : {"../a", "r/../../a", "r/..", ".."}) {
    ExpectError(UnpackMembers({{name, "x"}}, AsZip), absl::StatusCode::kInvalidArgument, "\"..\"");
    ExpectError(UnpackMembers({{name, "x"}}), absl::StatusCode::kInvalidArgument, name);
  }
  ExpectError(UnpackMembers({{"/etc/a", "x"}}, AsZip), absl::StatusCode::kInvalidArgument,
              "member /etc/a: has an absolute name");
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("a")));
}

TEST_F(UnpackArchiveTest, LinksAndDevices_Refused) {
  ExpectError(UnpackMembers({{"l", "", AE_IFLNK, "/etc/passwd"}}),
              absl::StatusCode::kInvalidArgument, "member l: is a symbolic link");
  ExpectError(UnpackMembers({{"l", "", AE_IFLNK, "/etc/passwd"}}, AsZip),
              absl::StatusCode::kInvalidArgument, "member l: is a symbolic link");
  ExpectError(UnpackMembers({{"a", "x"}, {"h", "", AE_IFREG, "a", /*hard=*/true}}),
              absl::StatusCode::kInvalidArgument, "member h: is a hard link");
  for (const unsigned type : {AE_IFIFO, AE_IFCHR, AE_IFBLK}) {
    ExpectError(UnpackMembers({{"dev", "", type}}), absl::StatusCode::kInvalidArgument,
                "member dev: is neither a file nor a directory");
  }
}

TEST_F(UnpackArchiveTest, SameNameTwice_Refused) {
  ExpectError(UnpackMembers({{"r/a", "1"}, {"./r//a", "2"}}), absl::StatusCode::kInvalidArgument,
              "occurs twice");
  ExpectError(UnpackMembers({{"r", "1"}, {"r/a", "2"}}), absl::StatusCode::kInvalidArgument,
              "member r/a: needs a directory where there is a file");
  ExpectError(UnpackMembers({{"r/a", "1"}, {"r", "2"}}), absl::StatusCode::kInvalidArgument,
              "member r: occurs twice");
}

TEST_F(UnpackArchiveTest, EncryptedZip_Refused) {
  const auto encrypted = [](struct archive* a) {
    AsZip(a);
    archive_write_set_options(a, "zip:encryption=aes256");
    archive_write_set_passphrase(a, "secret");
  };
  ExpectError(UnpackMembers({{"a.plist", "x"}}, encrypted), absl::StatusCode::kInvalidArgument,
              "member a.plist: is encrypted");
}

TEST_F(UnpackArchiveTest, CutShort_Refused) {
  std::string noise(200'000, '\0');
  uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (const auto& format : {AsZip, AsTar, AsTarGz, AsTarBz2, AsTarXz, AsTarZst}) {
    const std::string path = MakeArchive({{"a", noise}, {"b", noise}}, format);
    const uint64_t whole = std::filesystem::file_size(path);
    for (const uint64_t size : {uint64_t{20}, whole / 4, whole * 3 / 4}) {
      WriteArchive(path, {{"a", noise}, {"b", noise}}, format);
      std::filesystem::resize_file(path, size);
      ExpectError(Unpack(path), absl::StatusCode::kInvalidArgument, "not a whole zip or tar");
    }
  }
  // This zip does not have its central directory, though every member is complete.
  const std::string path = MakeArchive({{"a", noise}}, AsZip);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 30);
  ExpectError(Unpack(path), absl::StatusCode::kInvalidArgument, "not a whole zip or tar");
}

TEST_F(UnpackArchiveTest, ZipDamagedInside_Refused) {
  const auto stored = [](struct archive* a) {
    AsZip(a);
    archive_write_zip_set_compression_store(a);
  };
  const std::string path = MakeArchive({{"a", "before middle after"}}, stored);
  std::string bytes = *ReadFile(path, 1 << 20);
  bytes[bytes.find("middle")] = 'M';
  ExpectError(Unpack(directory_.Write("damaged", bytes)), absl::StatusCode::kInvalidArgument,
              "after a: ZIP bad CRC");
}

TEST_F(UnpackArchiveTest, NotAnArchive_Refused) {
  for (const std::string& bytes : {std::string(), std::string("not an archive at all"),
                                   std::string(2000, 'x'), std::string("\x1f\x8b garbage")}) {
    ExpectError(Unpack(directory_.Write("no", bytes)), absl::StatusCode::kInvalidArgument,
                "not a whole zip or tar archive");
  }
  EXPECT_EQ(Unpack(directory_.Path("missing")).code(), absl::StatusCode::kNotFound);
  ExpectError(Unpack(directory_.Path()), absl::StatusCode::kInvalidArgument, "regular file");
}

TEST_F(UnpackArchiveTest, Bomb_StoppedByTotal) {
  limits_.max_unpacked_bytes = 1 << 20;
  limits_.max_unpack_ratio = 1'000'000;
  const std::vector<Member> members = {{"a", std::string(600'000, 'a')},
                                       {"b", std::string(600'000, 'b')}};
  for (const auto& format : {AsZip, AsTar, AsTarGz, AsTarXz, AsTarZst}) {
    ExpectError(UnpackMembers(members, format), absl::StatusCode::kResourceExhausted,
                "member b: the archive unpacks to more than 1048576 bytes");
    uint64_t on_disk = 0;
    for (const auto& [name, content] : Files()) on_disk += content.size();
    EXPECT_LE(on_disk, limits_.max_unpacked_bytes);
  }
}

TEST_F(UnpackArchiveTest, Bomb_StoppedByRatioAfterTheGrace) {
  limits_.max_unpack_ratio = 100;
  limits_.ratio_grace_bytes = 1 << 20;
  const std::vector<Member> bomb = {{"a", std::string(4 << 20, 'a')}};
  for (const auto& format : {AsZip, AsTarGz, AsTarZst}) {
    ExpectError(UnpackMembers(bomb, format), absl::StatusCode::kResourceExhausted,
                "more than 100 times its size");
  }
  limits_.ratio_grace_bytes = 4 << 20;
  EXPECT_TRUE(UnpackMembers(bomb, AsZip).ok());
}

TEST_F(UnpackArchiveTest, TooManyEntries_ImplicitDirectoriesCount) {
  limits_.max_entries = 4;
  EXPECT_TRUE(UnpackMembers({{"x/y/a", "1"}, {"x/b", "2"}}).ok());
  ExpectError(UnpackMembers({{"x/y/a", "1"}, {"x/b", "2"}, {"x/c", "3"}}),
              absl::StatusCode::kResourceExhausted, "more than 4 files and directories");
}

// The archive is refused before libarchive has read the directory of the zip, which it would keep
// in memory as a whole. The directory is longer than a block.
TEST_F(UnpackArchiveTest, ZipDirectoryTooLong_IsRefusedBeforeUnpacking) {
  std::vector<Member> members;
  members.reserve(2000);
  for (int i = 0; i < 2000; ++i) members.push_back({fmt::format("{:0>150}", i), ""});
  limits_.max_entries = 2000;
  EXPECT_TRUE(UnpackMembers(members, AsZip).ok());
  limits_.max_entries = 1999;
  ExpectError(UnpackMembers(members, AsZip), absl::StatusCode::kResourceExhausted,
              "more than 1999 files and directories");
  EXPECT_TRUE(Files().empty());
}

TEST_F(UnpackArchiveTest, LongOrDeepNames_Refused) {
  std::string deep = "a";
  for (int i = 0; i < 200; ++i) deep += "/a";
  ExpectError(UnpackMembers({{deep, "x"}}), absl::StatusCode::kResourceExhausted, "too deep");
  ExpectError(UnpackMembers({{std::string(300, 'n'), "x"}}), absl::StatusCode::kResourceExhausted,
              "too long a name");
  limits_.max_path_bytes = 10;
  EXPECT_TRUE(UnpackMembers({{"1234567890", "x"}}).ok());
  ExpectError(UnpackMembers({{"12345678901", "x"}}), absl::StatusCode::kResourceExhausted,
              "too long a name");
  for (const SplitText& name : TextsSplitAt(limits_.max_path_bytes)) {
    ExpectError(UnpackMembers({{name.text, "x"}}, AsZip), absl::StatusCode::kResourceExhausted,
                "member " + name.kept + ": has too long a name");
  }
}

TEST(SniffFileKind, TellsFormatsByContent) {
  EXPECT_EQ(SniffFileKind("<?xml version"), FileKind::kXml);
  EXPECT_EQ(SniffFileKind("\xef\xbb\xbf \n <plist>"), FileKind::kXml);
  EXPECT_EQ(SniffFileKind(std::string_view("\xff\xfe<\0?\0", 6)), FileKind::kXml);
  EXPECT_EQ(SniffFileKind(std::string_view("\xfe\xff\0<\0?", 6)), FileKind::kXml);
  EXPECT_EQ(SniffFileKind("\r\n\t{\"version\""), FileKind::kJson);
  EXPECT_EQ(SniffFileKind("[]"), FileKind::kJson);
  EXPECT_EQ(SniffFileKind("\x1f\x8b\x08"), FileKind::kGzip);
  EXPECT_EQ(SniffFileKind("\x28\xb5\x2f\xfd"), FileKind::kZstd);
  EXPECT_EQ(SniffFileKind("\x50\x2a\x4d\x18"), FileKind::kZstd);
  EXPECT_EQ(SniffFileKind("PK\x03\x04"), FileKind::kZip);
  EXPECT_EQ(SniffFileKind("PK\x05\x06"), FileKind::kZip);
  EXPECT_EQ(SniffFileKind("BZh9"), FileKind::kBzip2);
  EXPECT_EQ(SniffFileKind(std::string_view("\xfd\x37zXZ\0", 6)), FileKind::kXz);
  EXPECT_EQ(SniffFileKind("bplist00"), FileKind::kUnknown);
  EXPECT_EQ(SniffFileKind("hello"), FileKind::kUnknown);
  EXPECT_EQ(SniffFileKind(""), FileKind::kUnknown);
  EXPECT_EQ(SniffFileKind(" \n"), FileKind::kUnknown);
}

TEST(SniffFileKind, TarByItsMagic) {
  TestDirectory directory;
  WriteArchive(directory.Path("t"), {{"a", "x"}}, AsTar);
  const std::string bytes = *ReadFile(directory.Path("t"), 1 << 20);
  EXPECT_EQ(SniffFileKind(bytes.substr(0, kSniffBytes)), FileKind::kTar);
  EXPECT_EQ(SniffFileKind(bytes.substr(0, 200)), FileKind::kUnknown);
}

}  // namespace
}  // namespace stored::reports
