#include "reports/inputs/source_roots.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files/file.h"
#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

namespace fs = std::filesystem;

class SourceRootsTest : public testing::Test {
 protected:
  // Returns the real path in the test's directory, because the system's temporary directory may be
  // behind a link.
  std::string Real(const std::string& name = "") const {
    const std::string real = fs::canonical(dir_.Path()).string();
    return name.empty() ? real : real + "/" + name;
  }

  TestDirectory dir_;
};

TEST_F(SourceRootsTest, NamedAndImplied_ContainWhatIsBelow) {
  fs::create_directories(dir_.Path("named/below"));
  fs::create_directories(dir_.Path("implied"));
  SourceRoots roots;
  ASSERT_TRUE(roots.AddNamed(dir_.Path("named")).ok());
  roots.AddImplied(dir_.Path("implied"));
  EXPECT_TRUE(roots.Contain(Real("named/a.c")));
  EXPECT_TRUE(roots.Contain(Real("named/x/y/z/a.c")));
  EXPECT_TRUE(roots.Contain(Real("implied/a.c")));
  for (const char* outside : {"a.c", "named2/a.c", "name/a.c", "named", "implied-not/a.c"}) {
    EXPECT_FALSE(roots.Contain(Real(outside))) << outside;
  }
  for (const char* odd : {"", "a.c", "named/a.c", "/", "(unreachable)/named/a.c"}) {
    EXPECT_FALSE(roots.Contain(odd)) << odd;
  }
}

TEST_F(SourceRootsTest, AnySpellingOfADirectory_IsThatDirectory) {
  fs::create_directories(dir_.Path("a/b"));
  fs::create_directory_symlink("a/b", dir_.Path("link"));
  for (const char* spelling : {"a/b", "a/b/", "a//b///", "a/./b", "a/b/../b", "link", "link/"}) {
    SourceRoots roots;
    ASSERT_TRUE(roots.AddNamed(dir_.Path(spelling)).ok()) << spelling;
    EXPECT_TRUE(roots.Contain(Real("a/b/x.c"))) << spelling;
    EXPECT_FALSE(roots.Contain(Real("a/x.c"))) << spelling;
    EXPECT_FALSE(roots.Contain(Real("link/x.c"))) << spelling;
  }
}

TEST_F(SourceRootsTest, NotADirectory_IsAnError) {
  dir_.Write("file", "");
  fs::create_symlink("nowhere", dir_.Path("dangling"));
  SourceRoots roots;
  for (const std::string& bad :
       {dir_.Path("not-there"), dir_.Path("file"), dir_.Path("dangling"), std::string()}) {
    EXPECT_EQ(roots.AddNamed(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
    roots.AddImplied(bad);
  }
  EXPECT_FALSE(roots.Contain(Real("file")));
  EXPECT_TRUE(roots.named().empty());
}

TEST_F(SourceRootsTest, RootOfTheFileSystem_CountsOnlyIfNamed) {
  SourceRoots roots;
  roots.AddImplied("/");
  EXPECT_FALSE(roots.Contain("/etc/shadow"));
  ASSERT_TRUE(roots.AddNamed("/").ok());
  EXPECT_TRUE(roots.Contain("/etc/shadow"));
  EXPECT_TRUE(roots.Contain("/a.c"));
}

TEST_F(SourceRootsTest, HiddenInTheHome_OnlyBelowWhatIsNamed) {
  fs::create_directories(dir_.Path("home/.ssh"));
  fs::create_directories(dir_.Path("home/.work/p"));
  for (const char* implied : {"home", ""}) {
    SourceRoots roots(dir_.Path("home/"));
    roots.AddImplied(dir_.Path(implied));
    EXPECT_TRUE(roots.Contain(Real("home/p/a.c")));
    EXPECT_TRUE(roots.Contain(Real("home/p/.hidden/a.c")));
    EXPECT_FALSE(roots.Contain(Real("home/.ssh/id_rsa")));
    EXPECT_FALSE(roots.Contain(Real("home/.netrc")));
  }
  SourceRoots roots(dir_.Path("home"));
  roots.AddImplied(dir_.Path("home/.work/p"));
  EXPECT_TRUE(roots.Contain(Real("home/.work/p/a.c")));
  roots.AddImplied(dir_.Path("home"));
  ASSERT_TRUE(roots.AddNamed(dir_.Path("home/.ssh")).ok());
  EXPECT_TRUE(roots.Contain(Real("home/.ssh/id_rsa")));
  EXPECT_FALSE(roots.Contain(Real("home/.netrc")));
  ASSERT_TRUE(roots.AddNamed(dir_.Path("home")).ok());
  EXPECT_TRUE(roots.Contain(Real("home/.netrc")));
}

TEST_F(SourceRootsTest, InsideOfDotGit_OnlyBelowWhatIsNamed) {
  fs::create_directories(dir_.Path("p/.git"));
  SourceRoots roots;
  roots.AddImplied(dir_.Path("p"));
  EXPECT_TRUE(roots.Contain(Real("p/.github/a.yaml")));
  EXPECT_TRUE(roots.Contain(Real("p/.gitignore")));
  EXPECT_FALSE(roots.Contain(Real("p/.git/config")));
  EXPECT_FALSE(roots.Contain(Real("p/third_party/x/.git/config")));
  ASSERT_TRUE(roots.AddNamed(dir_.Path("p")).ok());
  EXPECT_TRUE(roots.Contain(Real("p/.git/config")));
}

TEST_F(SourceRootsTest, SystemIncludes_AreOnlyHeaders) {
  SourceRoots roots;
  roots.AddSystemIncludes();
  if (fs::is_directory("/usr/include")) {
    EXPECT_TRUE(roots.Contain(fs::canonical("/usr/include").string() + "/stdio.h"));
  }
  for (const char* outside : {"/etc/shadow", "/usr/share/a", "/usr/lib/a", "/root/.ssh/id_rsa"}) {
    EXPECT_FALSE(roots.Contain(outside)) << outside;
  }
}

TEST_F(SourceRootsTest, RealPathOf_FollowsTheFileThatIsOpen) {
  dir_.Write("a/file", "");
  fs::create_symlink("a/file", dir_.Path("link"));
  const absl::StatusOr<UniqueFd> fd = OpenFile(dir_.Path("link"), O_PATH);
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(*RealPathOf(fd->get(), "link"), Real("a/file"));
  // Another file at the old path does not matter.
  fs::rename(dir_.Path("a/file"), dir_.Path("moved"));
  dir_.Write("a/file", "");
  EXPECT_EQ(*RealPathOf(fd->get(), "link"), Real("moved"));
  EXPECT_FALSE(RealPathOf(-1, "none").ok());
}

}  // namespace
}  // namespace stored::reports
