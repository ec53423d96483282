#include "base/files/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace stored {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "file-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }
  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) {
    absl::StatusOr<UniqueFd> fd = OpenFile(Path(name), O_CREAT | O_WRONLY);
    ASSERT_TRUE(fd.ok()) << fd.status();
    ASSERT_TRUE(WriteAt(fd->get(), bytes, 0, name).ok());
  }

  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(FileTest, ReadFile_WholeContentUpToTheLimit) {
  Write("a", "0123456789");
  EXPECT_EQ(*ReadFile(Path("a"), 10), "0123456789");
  EXPECT_EQ(ReadFile(Path("a"), 9).status().code(), absl::StatusCode::kResourceExhausted);
  Write("empty", "");
  EXPECT_EQ(*ReadFile(Path("empty"), 0), "");
}

TEST_F(FileTest, ReadFile_MissingOrNotAFile_SaysWhich) {
  const absl::Status missing = ReadFile(Path("missing"), 10).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.message().find("missing"), absl::string_view::npos);
  EXPECT_EQ(ReadFile(directory_->path(), 10).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FileTest, TemporaryDirectory_IsRemovedWithItsContents) {
  std::string path;
  {
    absl::StatusOr<TemporaryDirectory> inner = TemporaryDirectory::Create(directory_->path(), "t");
    ASSERT_TRUE(inner.ok());
    path = inner->path();
    ASSERT_TRUE(std::filesystem::create_directories(path + "/a/b"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace stored
