#include "base/files/file_system.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files/file.h"

namespace stored {
namespace {

class FileSystemTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created =
        TemporaryDirectory::Create("", "file-system-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }
  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  FileSystem& files_ = FileSystem::Posix();
  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(FileSystemTest, CreateDirectories_CreatesParents_FailsIfAFileIsInTheWay) {
  EXPECT_TRUE(CreateDirectories(Path("x/y/z")).ok());
  EXPECT_TRUE(CreateDirectories(Path("x/y/z/")).ok());
  EXPECT_TRUE(std::filesystem::is_directory(Path("x/y/z")));
  ASSERT_TRUE(files_.Open(Path("file")).ok());
  EXPECT_EQ(CreateDirectories(Path("file")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CreateDirectories(Path("file/y")).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileSystemTest, Open_ExistingFile_KeepsItsContents) {
  { ASSERT_TRUE((*files_.Open(Path("a")))->WriteAt("hello", 0).ok()); }
  const std::unique_ptr<File> file = *files_.Open(Path("a"));
  ASSERT_TRUE(file->WriteAt(" world", 5).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(*ReadFile(Path("a"), 100), "hello world");
  ASSERT_TRUE(file->Truncate(4).ok());
  EXPECT_EQ(*files_.SizeOf(Path("a")), 4u);
}

TEST_F(FileSystemTest, Open_SymbolicLink_IsNotFollowed) {
  std::filesystem::create_symlink(Path("elsewhere"), Path("link"));
  EXPECT_FALSE(files_.Open(Path("link")).ok());
  EXPECT_FALSE(std::filesystem::exists(Path("elsewhere")));
}

TEST_F(FileSystemTest, Remove_WithContents_OkIfMissing) {
  ASSERT_TRUE(CreateDirectories(Path("x/y")).ok());
  ASSERT_TRUE(files_.Open(Path("x/y/file")).ok());
  EXPECT_TRUE(files_.Remove(Path("x")).ok());
  EXPECT_TRUE(files_.Remove(Path("x")).ok());
  EXPECT_TRUE(files_.List(directory_->path())->empty());
}

}  // namespace
}  // namespace stored
