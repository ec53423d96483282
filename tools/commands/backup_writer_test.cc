#include "tools/commands/backup_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/files/file.h"
#include "base/testing/split_texts.h"

namespace stored::tools {
namespace {

class BackupWriterTest : public testing::Test {
 protected:
  absl::Status Begin(const std::string& name, int64_t size) {
    v1::BackupResponse part;
    part.mutable_file()->set_name(name);
    part.mutable_file()->set_size(size);
    return writer_.Write(part);
  }
  absl::Status Append(const std::string& data) {
    v1::BackupResponse part;
    part.set_data(data);
    return writer_.Write(part);
  }
  absl::Status End(const std::string& sha256) {
    v1::BackupResponse part;
    part.mutable_file_end()->set_sha256(sha256);
    return writer_.Write(part);
  }
  absl::Status End(int64_t files, int64_t bytes) {
    v1::BackupResponse part;
    part.mutable_end()->set_files(files);
    part.mutable_end()->set_bytes(bytes);
    return writer_.Write(part);
  }

  const TemporaryDirectory directory_ = *TemporaryDirectory::Create("", "backup-writer-test-");
  BackupWriter writer_{directory_.path()};
};

TEST_F(BackupWriterTest, WritesFilesInTheirDirectories) {
  ASSERT_TRUE(Begin("products/p.db", 4).ok());
  ASSERT_TRUE(Append("ab").ok());
  ASSERT_TRUE(Append("cd").ok());
  ASSERT_TRUE(End(Sha256::Of("abcd").Hex()).ok());
  EXPECT_TRUE(absl::IsDataLoss(End(1, 3))) << "it counts other bytes";
  ASSERT_TRUE(End(1, 4).ok());
  ASSERT_TRUE(writer_.Finish().ok());
  EXPECT_EQ(*ReadFile(directory_.path() + "/products/p.db", 100), "abcd");
}

TEST_F(BackupWriterTest, InvalidStreams_AreDataLoss) {
  EXPECT_TRUE(absl::IsDataLoss(Append("x"))) << "before any file";
  EXPECT_TRUE(absl::IsDataLoss(writer_.Finish())) << "before the end";
  for (const char* name : {"", "../a", "other/a", "products/../a", "products/", ".a", "a b"}) {
    EXPECT_TRUE(absl::IsDataLoss(Begin(name, 1))) << name;
  }
  EXPECT_TRUE(absl::IsDataLoss(Begin("a", -1)));
  ASSERT_TRUE(Begin("a", 1).ok());
  EXPECT_TRUE(absl::IsDataLoss(Begin("b", 1))) << "within a file";
  EXPECT_TRUE(absl::IsDataLoss(Append("xy"))) << "larger than announced";
  EXPECT_TRUE(absl::IsDataLoss(End(Sha256::Of("").Hex()))) << "smaller than announced";
  ASSERT_TRUE(Append("x").ok());
  EXPECT_TRUE(absl::IsDataLoss(End(Sha256::Of("y").Hex()))) << "another digest";
}

TEST_F(BackupWriterTest, RefusedName_IsQuotedUpToAWholeCharacter) {
  for (const SplitText& name : TextsSplitAt(200)) {
    EXPECT_EQ(
        Begin(name.text, 1),
        absl::DataLossError("the server sent an invalid backup: a file named '" + name.kept + "'"));
  }
}

}  // namespace
}  // namespace stored::tools
