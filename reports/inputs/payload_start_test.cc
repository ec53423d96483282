#include "reports/inputs/payload_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

using testing::HasSubstr;

class PayloadStartTest : public testing::Test {
 protected:
  // Returns the path of a file with this content, compressed by one of libarchive's filters.
  std::string Compressed(const std::string& content, int (*filter)(struct archive*)) {
    std::string path = directory_.Path("compressed");
    WriteArchive(path, {{"raw", content}}, [filter](struct archive* a) {
      archive_write_set_format_raw(a);
      filter(a);
    });
    return path;
  }
  std::string Plain(const std::string& content) { return directory_.Write("plain", content); }

  TestDirectory directory_;
};

TEST_F(PayloadStartTest, Text_IsKnownByItsFirstCharacters_PlainOrCompressed) {
  for (const auto filter : {archive_write_add_filter_gzip, archive_write_add_filter_zstd}) {
    EXPECT_TRUE(CheckSarifStart(Compressed("{\"runs\": []}", filter)).ok());
    EXPECT_TRUE(CheckPlistStart(Compressed("<?xml version=\"1.0\"?>", filter)).ok());
    EXPECT_FALSE(CheckSarifStart(Compressed("<?xml version=\"1.0\"?>", filter)).ok());
  }
  EXPECT_TRUE(CheckSarifStart(Plain("  {")).ok());
  EXPECT_TRUE(CheckPlistStart(Plain("<?xml version=\"1.0\"?>")).ok());
}

TEST_F(PayloadStartTest, OtherText_IsInvalid_AndTheErrorNamesTheFormat) {
  const absl::Status sarif = CheckSarifStart(Plain("<?xml version=\"1.0\"?>"));
  EXPECT_EQ(sarif.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(sarif.message()), HasSubstr("not a SARIF log"));
  const absl::Status plist = CheckPlistStart(Plain("{}"));
  EXPECT_EQ(plist.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(plist.message()), HasSubstr("not a plist"));
  EXPECT_FALSE(CheckSarifStart(Plain("")).ok());
}

TEST_F(PayloadStartTest, Archives_OfAllKindsThatAreUnpacked) {
  for (const auto& format : {AsZip, AsTar, AsTarGz, AsTarBz2, AsTarXz, AsTarZst}) {
    const std::string path = directory_.Path("archive");
    WriteArchive(path, {{"a.plist", "x"}}, format);
    EXPECT_TRUE(CheckArchiveStart(path).ok());
  }
}

TEST_F(PayloadStartTest, OtherFiles_AreNoArchives) {
  for (const char* const content : {"", "{}", "PK", "<?xml version=\"1.0\"?>"}) {
    EXPECT_EQ(CheckArchiveStart(Plain(content)).code(), absl::StatusCode::kInvalidArgument)
        << content;
  }
}

TEST_F(PayloadStartTest, FileThatIsNotThere_IsNotFound_WhereTextIsExpected) {
  EXPECT_EQ(CheckSarifStart(directory_.Path("none")).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace stored::reports
