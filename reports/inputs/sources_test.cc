#include "reports/inputs/sources.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

namespace fs = std::filesystem;

absl::StatusCode CodeOf(const absl::StatusOr<SourceText>& source) { return source.status().code(); }

class SourcesTest : public testing::Test {
 protected:
  SourcesTest() { limits_.max_source_bytes = 100; }

  // Returns sources below the directories of these names in the test's directory.
  std::unique_ptr<SourceProvider> Local(const std::vector<std::string>& names) const {
    SourceRoots roots;
    for (const std::string& name : names) EXPECT_TRUE(roots.AddNamed(directory_.Path(name)).ok());
    return LocalSources(std::move(roots), limits_);
  }
  // Returns the path relative to the working directory.
  static std::string Relative(const std::string& path) {
    return fs::path(path).lexically_relative(fs::current_path()).string();
  }

  TestDirectory directory_;
  Limits limits_;
};

TEST_F(SourcesTest, LocalSources_AbsoluteOrBelowTheDirectory) {
  const std::string path = directory_.Write("src/a.cc", "int a;");
  const auto sources = Local({"src"});
  EXPECT_EQ(sources->Read(path, "/nowhere")->text, "int a;");
  EXPECT_EQ(sources->Read("src/a.cc", directory_.Path())->text, "int a;");
  EXPECT_EQ(sources->Read("../src/a.cc", directory_.Path("src"))->text, "int a;");
  EXPECT_EQ(CodeOf(sources->Read("src/b.cc", directory_.Path())), absl::StatusCode::kNotFound);
}

TEST_F(SourcesTest, LocalSources_RelativeToTheWorkingDirectoryThenToTheRoots) {
  const std::string path = directory_.Write("here/w.cc", "here");
  directory_.Write("one/x.cc", "one");
  directory_.Write("two/x.cc", "two");
  const auto sources = Local({"here", "one", "two"});
  EXPECT_EQ(sources->Read(Relative(path), "")->text, "here");
  EXPECT_EQ(sources->Read(Relative(path), directory_.Path("no/such/directory"))->text, "here");
  EXPECT_EQ(sources->Read("x.cc", directory_.Path("here"))->text, "one");
  EXPECT_EQ(sources->Read("../two/x.cc", "")->text, "two");
}

TEST_F(SourcesTest, LocalSources_RegularFilesOfBoundedSizeOnly) {
  const auto sources = Local({""});
  EXPECT_TRUE(sources->Read(directory_.Write("fits", std::string(100, 'x')), "").ok());
  EXPECT_EQ(CodeOf(sources->Read(directory_.Write("large", std::string(101, 'x')), "")),
            absl::StatusCode::kResourceExhausted);
  const std::string fifo = directory_.Path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(sources->Read(fifo, "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read("/dev/zero", "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path(), "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path("large") + "/below", "")),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path("fits") + std::string("\0.c", 3), "")),
            absl::StatusCode::kNotFound);
}

// Opening a pipe for reading would unblock its writer.
TEST_F(SourcesTest, LocalSources_PipesAreNotEvenOpened) {
  const auto sources = Local({""});
  const std::string fifo = directory_.Path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  fs::create_symlink("fifo", directory_.Path("link"));
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(watch, 0);
  const UniqueFd closes_it(watch);
  ASSERT_GE(::inotify_add_watch(watch, fifo.c_str(), IN_OPEN), 0);
  EXPECT_EQ(CodeOf(sources->Read(fifo, "")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path("link"), "")), absl::StatusCode::kNotFound);
  char event[1024];
  EXPECT_EQ(::read(watch, event, sizeof event), -1);
}

TEST_F(SourcesTest, LocalSources_OutsideTheRoots_ErrorNamesTheRealPath) {
  const std::string secret = directory_.Write("secret/key", "secret");
  directory_.Write("src/a.cc", "int a;");
  const auto sources = Local({"src"});
  const std::string real = fs::canonical(secret).string();
  for (const std::string& path : {secret, std::string("../secret/key"),
                                  directory_.Path("src/../secret/key"), Relative(secret)}) {
    const absl::StatusOr<SourceText> source = sources->Read(path, directory_.Path("src"));
    EXPECT_EQ(CodeOf(source), absl::StatusCode::kPermissionDenied) << path;
    EXPECT_EQ(PathOutsideRoots(source.status()), real) << path;
  }
  // A missing source is reported as missing, even outside the roots.
  const absl::StatusOr<SourceText> missing = sources->Read(directory_.Path("secret/none"), "");
  EXPECT_EQ(CodeOf(missing), absl::StatusCode::kNotFound);
  EXPECT_FALSE(PathOutsideRoots(missing.status()));
  EXPECT_EQ(CodeOf(sources->Read(directory_.Path("secret"), "")), absl::StatusCode::kNotFound);
}

TEST_F(SourcesTest, LocalSources_LinksAreFollowedThenChecked) {
  directory_.Write("secret/key", "secret");
  directory_.Write("src/sub/a.cc", "int a;");
  const auto link = [this](const char* to, const char* name) {
    fs::create_symlink(to, directory_.Path(name));
  };
  link("../secret/key", "src/out.cc");
  link("../secret", "src/out");
  link("sub/a.cc", "src/in.cc");
  link("src/sub", "in");
  link("out.cc", "src/twice.cc");
  link("nowhere", "src/dangling.cc");
  link("loop.cc", "src/loop.cc");
  const auto sources = Local({"src"});
  for (const char* inside : {"src/in.cc", "in/a.cc", "src/sub/../in.cc"}) {
    EXPECT_EQ(sources->Read(directory_.Path(inside), "")->text, "int a;") << inside;
  }
  for (const char* outside : {"src/out.cc", "src/out/key", "src/twice.cc", "in/../../secret/key"}) {
    EXPECT_EQ(CodeOf(sources->Read(directory_.Path(outside), "")),
              absl::StatusCode::kPermissionDenied)
        << outside;
  }
  for (const char* nowhere : {"src/dangling.cc", "src/loop.cc"}) {
    EXPECT_EQ(CodeOf(sources->Read(directory_.Path(nowhere), "")), absl::StatusCode::kNotFound)
        << nowhere;
  }
}

TEST_F(SourcesTest, LocalSources_ReadableOne_IsPreferred) {
  directory_.Write("logs/a.cc", "outside");
  directory_.Write("src/a.cc", "inside");
  EXPECT_EQ(Local({"src"})->Read("a.cc", directory_.Path("logs"))->text, "inside");
}

TEST_F(SourcesTest, LocalSources_Unreadable_IsMissing) {
  const std::string path = directory_.Write("src/a.cc", "int a;");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  if (::access(path.c_str(), R_OK) == 0) GTEST_SKIP() << "this user may read every file";
  EXPECT_EQ(CodeOf(Local({"src"})->Read(path, "")), absl::StatusCode::kNotFound);
}

TEST_F(SourcesTest, Times_AreThoseOfTheFile) {
  const std::string path = directory_.Write("src/a.cc", "int a;");
  const struct timespec times[2] = {{0, UTIME_OMIT}, {1'700'000'000, 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_EQ(Local({"src"})->Read(path, "")->modified_ns, 1'700'000'000'000'000'005);
  EXPECT_EQ(SourcesBelow(directory_.Path("src"), limits_)->Read("/a.cc", "")->modified_ns,
            1'700'000'000'000'000'005);
  EXPECT_EQ(ModifiedNs(path), 1'700'000'000'000'000'005);
  EXPECT_EQ(ModifiedNs(directory_.Path("not-there")), 0);
}

TEST_F(SourcesTest, SourcesBelow_AbsolutePathsAreBelowTheRoot) {
  directory_.Write("root/src/lib/a.cc", "int a;");
  directory_.Write("root/src/large", std::string(101, 'x'));
  const auto sources = SourcesBelow(directory_.Path("root"), limits_);
  EXPECT_EQ(sources->Read("/src/lib/a.cc", "")->text, "int a;");
  EXPECT_EQ(sources->Read("/src/./x/../lib/a.cc", "")->text, "int a;");
  EXPECT_EQ(sources->Read("src/lib/a.cc", "/anywhere")->text, "int a;");
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
  // "/.." is "/", which is the given root.
  EXPECT_EQ(sources->Read("/../inside/a", "")->text, "a");
}

TEST_F(SourcesTest, NoSources_HasNone) {
  const std::string path = directory_.Write("a.cc", "int a;");
  EXPECT_EQ(CodeOf(NoSources()->Read(path, "")), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace stored::reports
