#include "reports/inputs/sources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "reports/test_files.h"

namespace stored::reports {
namespace {

absl::StatusCode CodeOf(const absl::StatusOr<std::string>& content) {
  return content.status().code();
}

class SourcesTest : public testing::Test {
 protected:
  SourcesTest() { limits_.max_source_bytes = 100; }

  TestDirectory directory_;
  Limits limits_;
};

TEST_F(SourcesTest, LocalSources_AbsoluteOrBelowTheDirectory) {
  const std::string path = directory_.Write("src/a.cc", "int a;");
  const auto sources = LocalSources(limits_);
  EXPECT_EQ(*sources->Read(path, "/nowhere"), "int a;");
  EXPECT_EQ(*sources->Read("src/a.cc", directory_.Path()), "int a;");
  EXPECT_EQ(*sources->Read("../src/a.cc", directory_.Path("src")), "int a;");
  EXPECT_EQ(CodeOf(sources->Read("src/b.cc", directory_.Path())), absl::StatusCode::kNotFound);
}

TEST_F(SourcesTest, LocalSources_RelativeToTheWorkingDirectoryAtLast) {
  const std::string path = directory_.Write("w.cc", "int w;");
  const std::string relative =
      std::filesystem::path(path).lexically_relative(std::filesystem::current_path()).string();
  const auto sources = LocalSources(limits_);
  EXPECT_EQ(*sources->Read(relative, ""), "int w;");
  EXPECT_EQ(*sources->Read(relative, directory_.Path("no/such/directory")), "int w;");
}

TEST_F(SourcesTest, LocalSources_RegularFilesOfBoundedSizeOnly) {
  const auto sources = LocalSources(limits_);
  EXPECT_TRUE(sources->Read(directory_.Write("fits", std::string(100, 'x')), "").ok());
  EXPECT_EQ(CodeOf(sources->Read(directory_.Write("large", std::string(101, 'x')), "")),
            absl::StatusCode::kResourceExhausted);
  const std::string fifo = directory_.Path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(sources->Read(fifo, "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path(), "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path("large") + "/below", "")),
            absl::StatusCode::kNotFound);
}

TEST_F(SourcesTest, SourcesBelow_AbsolutePathsAreBelowTheRoot) {
  directory_.Write("root/src/lib/a.cc", "int a;");
  directory_.Write("root/src/large", std::string(101, 'x'));
  const auto sources = SourcesBelow(directory_.Path("root"), limits_);
  EXPECT_EQ(*sources->Read("/src/lib/a.cc", ""), "int a;");
  EXPECT_EQ(*sources->Read("/src/./x/../lib/a.cc", ""), "int a;");
  EXPECT_EQ(*sources->Read("src/lib/a.cc", "/anywhere"), "int a;");
  EXPECT_EQ(CodeOf(sources->Read("/src/b.cc", "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read("/src/lib", "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read("/", "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read("", "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read("/src/large", "")), absl::StatusCode::kResourceExhausted);
}

TEST_F(SourcesTest, SourcesBelow_NothingOutsideIsOpened) {
  directory_.Write("secret", "secret");
  directory_.Write("root/inside/a", "a");
  std::filesystem::create_symlink("../secret", directory_.Path("root/link"));
  std::filesystem::create_directory_symlink("..", directory_.Path("root/up"));
  std::filesystem::create_directory_symlink("inside", directory_.Path("root/in"));
  const auto sources = SourcesBelow(directory_.Path("root"), limits_);
  const std::string zero_byte("/inside/a\0b", 11);
  for (const std::string& path :
       {std::string("../secret"), std::string("inside/../../secret"), std::string("/link"),
        std::string("/up/secret"), std::string("/in/a"), directory_.Path("secret"), zero_byte}) {
    EXPECT_EQ(CodeOf(sources->Read(path, "")), absl::StatusCode::kNotFound) << path;
  }
  // "/.." is "/", and that is the root given.
  EXPECT_EQ(*sources->Read("/../inside/a", ""), "a");
}

TEST_F(SourcesTest, NoSources_HasNone) {
  const std::string path = directory_.Write("a.cc", "int a;");
  EXPECT_EQ(CodeOf(NoSources()->Read(path, "")), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace stored::reports
