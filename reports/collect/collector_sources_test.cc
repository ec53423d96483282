// What the collector makes of sources that must not be read.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/file_system.h"
#include "reports/collect/collector_test_case.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(CollectorTest, Collect_SourcesOutsideOfTheRoots_ReportsWithoutTextAndOneWarning) {
  ASSERT_TRUE(CreateDirectories(directory_->path() + "/src").ok());
  ASSERT_TRUE(CreateDirectories(directory_->path() + "/other/place").ok());
  std::vector<std::string> files;
  for (const char* name : {"src/a.c", "other/b.c", "other/place/c.c"}) {
    files.push_back(directory_->path() + "/" + name);
    const absl::StatusOr<UniqueFd> fd = OpenFile(files.back(), O_WRONLY | O_CREAT);
    ASSERT_TRUE(fd.ok() && WriteAt(fd->get(), name, 0, files.back()).ok());
  }
  files.emplace_back("/not/there.c");
  AddInput("1.plist", Plist(files, {{.file = 0}, {.file = 1}, {.file = 2}, {.file = 3}}));
  AddInput("2.plist", Plist(files, {{.file = 1, .line = 2}}));
  const auto use_roots = [&](const std::vector<std::string>& names) {
    SourceRoots roots;
    for (const std::string& name : names) ASSERT_TRUE(roots.AddNamed(name).ok());
    inputs_.sources = LocalSources(std::move(roots), Limits{});
  };
  use_roots({directory_->path() + "/src"});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->reports, SizeIs(5));
  EXPECT_THAT(sink_->contents, ElementsAre("src/a.c"));
  EXPECT_EQ(counts_.left_out_source_files, 2U);
  EXPECT_EQ(counts_.missing_source_files, 1U);
  for (const SourceFile& file : sink_->files) {
    EXPECT_EQ(file.sha256.empty(), file.path != files[0]) << file.path;
  }
  const std::string root = std::filesystem::canonical(directory_->path()).string() + "/other";
  EXPECT_THAT(warnings_,
              ElementsAre(AllOf(StartsWith("2 source files outside"),
                                HasSubstr("add --source-root " + root + ": "), HasSubstr(files[1]),
                                HasSubstr(files[2])),
                          AllOf(StartsWith("1 of 4 source files"), HasSubstr("/not/there.c"))));
  EXPECT_EQ(sink_->summary.warnings, warnings_);

  use_roots({directory_->path() + "/src", root});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->contents, SizeIs(3));
  EXPECT_THAT(warnings_, SizeIs(1));
}

}  // namespace
}  // namespace stored::reports
