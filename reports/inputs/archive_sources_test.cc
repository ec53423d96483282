#include "reports/inputs/archive_sources.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

std::string TextOf(const SourceProvider& sources, const std::string& path,
                   const std::string& directory) {
  const auto source = sources.Read(path, directory);
  return source.ok() ? source->text : std::string(source.status().message());
}

class ArchiveSourcesTest : public testing::Test {
 protected:
  // Returns the sources of an archive that was unpacked to this directory of the test.
  std::unique_ptr<ArchiveSources> Unpacked(const std::string& name, bool is_upload = false) {
    return std::make_unique<ArchiveSources>(dir_.Path(name), is_upload, Limits());
  }

  TestDirectory dir_;
};

TEST_F(ArchiveSourcesTest, RelativePath_NearestDirectoryUpToTheTop) {
  dir_.Write("u/p/build/logs/near.c", "near");
  dir_.Write("u/p/build/near.c", "far");
  dir_.Write("u/p/src/a.c", "a");
  dir_.Write("u/top.c", "top");
  const auto sources = Unpacked("u");
  const std::string logs = dir_.Path("u/p/build/logs");
  EXPECT_EQ(TextOf(*sources, "near.c", logs), "near");
  EXPECT_EQ(TextOf(*sources, "src/a.c", logs), "a");
  EXPECT_EQ(TextOf(*sources, "../../src/a.c", logs), "a");
  EXPECT_EQ(TextOf(*sources, "top.c", logs), "top");
  EXPECT_EQ(TextOf(*sources, "top.c", dir_.Path("u")), "top");
  EXPECT_EQ(TextOf(*sources, "a.c", logs), "a.c: not in the upload");
}

TEST_F(ArchiveSourcesTest, AbsolutePath_BelowTheTop) {
  dir_.Write("u/home/me/a.c", "a");
  dir_.Write("u/me/b.c", "b");
  const auto sources = Unpacked("u");
  EXPECT_EQ(TextOf(*sources, "/home/me/a.c", dir_.Path("u/me")), "a");
  EXPECT_EQ(TextOf(*sources, "/b.c", dir_.Path("u/me")), "/b.c: not in the upload");
}

TEST_F(ArchiveSourcesTest, Upload_BelowItsRootFirst) {
  dir_.Write("u/root/src/a.c", "uploaded");
  dir_.Write("u/src/a.c", "beside");
  dir_.Write("u/reports/b.c", "b");
  const auto sources = Unpacked("u", /*is_upload=*/true);
  EXPECT_EQ(TextOf(*sources, "/src/a.c", dir_.Path("u/reports")), "uploaded");
  EXPECT_EQ(TextOf(*sources, "b.c", dir_.Path("u/reports")), "b");
}

TEST_F(ArchiveSourcesTest, NothingOutsideTheArchive_IsRead) {
  const std::string secret = dir_.Write("secret.c", "secret");
  dir_.Write("u/logs/x", "");
  dir_.Write("u2/logs/secret.c", "of another archive");
  ASSERT_EQ(::symlink(secret.c_str(), dir_.Path("u/logs/link.c").c_str()), 0);
  const auto sources = Unpacked("u");
  const std::string logs = dir_.Path("u/logs");
  for (const std::string& path :
       {secret, std::string("../../secret.c"), std::string("../../../secret.c"),
        std::string("link.c"), std::string("secret.c"), std::string("x/../../../secret.c")}) {
    EXPECT_FALSE(sources->Read(path, logs).ok()) << path;
    EXPECT_FALSE(sources->Read(path, dir_.Path("u2/logs")).ok()) << path;
    EXPECT_FALSE(sources->Read(path, dir_.Path()).ok()) << path;
  }
}

TEST_F(ArchiveSourcesTest, SeveralArchives_EachHasItsOwn) {
  dir_.Write("one/src/a.c", "one");
  dir_.Write("two/src/a.c", "two");
  dir_.Write("two/abs/b.c", "b");
  std::vector<std::unique_ptr<ArchiveSources>> archives;
  archives.push_back(Unpacked("one"));
  archives.push_back(Unpacked("two"));
  const auto sources = ArchivedThenLocalSources(std::move(archives), NoSources());
  EXPECT_EQ(TextOf(*sources, "src/a.c", dir_.Path("one")), "one");
  EXPECT_EQ(TextOf(*sources, "src/a.c", dir_.Path("two")), "two");
  EXPECT_EQ(TextOf(*sources, "/abs/b.c", dir_.Path("one")), "b");
  EXPECT_FALSE(sources->Read("abs/b.c", dir_.Path("one")).ok());
  // This directory is not in an archive: it is one of the user's.
  EXPECT_FALSE(sources->Read("src/a.c", dir_.Path("onerous")).ok());
}

}  // namespace
}  // namespace stored::reports
