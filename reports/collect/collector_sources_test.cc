// Sources: those that are missing, too large, too new, or must not be read, and sending their
// texts.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/files/file_system.h"
#include "reports/collect/testing/collector_test_case.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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

TEST_F(CollectorTest, Collect_SourceNewerThanAnyResultFileThatNamesIt_OneWarning) {
  MapSources& sources = UseSources(
      {{"/x/old.c", "a"}, {"/x/new.c", "b"}, {"/x/between.h", "c"}, {"/x/timeless.c", "d"}});
  sources.SetTime("/x/old.c", 1000);
  sources.SetTime("/x/between.h", 2000);
  sources.SetTime("/x/new.c", 3000);
  AddInput("1.plist", Plist({"/x/old.c", "/x/between.h"}, {{}, {.file = 1}}), 2500);
  AddInput("2.plist",
           Plist({"/x/between.h", "/x/new.c", "/x/timeless.c"},
                 {{.line = 2}, {.file = 1}, {.file = 1, .line = 2}, {.file = 2}}),
           1500);
  AddInput("3.plist", Plist({"/x/new.c"}, {{.line = 3}}), 1600);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(warnings_,
              ElementsAre(AllOf(StartsWith("2 source files changed"),
                                EndsWith(": /x/between.h (2.plist), /x/new.c (2.plist)"))));
  EXPECT_EQ(change_warning_, warnings_[0]);
  EXPECT_THAT(sink_->summary.warnings, ElementsAre(change_warning_));
  EXPECT_THAT(sink_->contents, SizeIs(4));
}

TEST_F(CollectorTest, Collect_NewerSourceOfAReportThatCameBefore_NoWarning) {
  UseSources({{"/x/a.c", "a"}}).SetTime("/x/a.c", 2000);
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}), 2500);
  AddInput("2.plist", Plist({"/x/a.c"}, {{}}), 1500);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(CollectorTest, Collect_TimesOfArchives_TwoSecondsApartAreTheSame) {
  UseSources({{"/x/a.c", "a"}, {"/x/b.c", "b"}}).SetTime("/x/a.c", 1002);
  static_cast<MapSources&>(*inputs_.sources).SetTime("/x/b.c", 1003);
  AddInput("1.plist", Plist({"/x/a.c", "/x/b.c"}, {{}, {.file = 1}}), 1000).directory = "";
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(warnings_, ElementsAre(EndsWith(": /x/b.c (1.plist)")));
}

TEST_F(CollectorTest, Collect_ResultFileWithoutATime_NoSourceIsNewer) {
  UseSources({{"/x/a.c", "a"}}).SetTime("/x/a.c", 2000);
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}), 1000).has_time = false;
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(CollectorTest, Collect_SourcesNamedByManyFiles_ReadOnce) {
  MapSources& sources = UseSources({{"/x/a.c", "text"}});
  for (int i = 0; i < 40; ++i) {
    AddInput(fmt::format("{}.plist", i), Plist({"/x/a.c"}, {{.line = i}}));
  }
  RecordingSink sink;
  Collector collector(inputs_, {.threads = 8}, sink);
  ASSERT_TRUE(collector.Collect().ok());
  EXPECT_EQ(sources.reads, 1);
  EXPECT_THAT(collector.Sources(), ElementsAre(Sha256::Of("text")));
}

TEST_F(CollectorTest, Collect_MissingSources_OneWarningThatNamesTheFirst) {
  UseSources({{"/x/here.c", "text"}});
  std::vector<std::string> paths = {"/x/here.c"};
  std::vector<Finding> findings = {{}};
  for (int i = 1; i <= 5; ++i) {
    paths.push_back(fmt::format("/x/{}.c", i));
    findings.push_back({.file = i});
  }
  AddInput("1.plist", Plist(paths, findings));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(counts_.missing_source_files, 5U);
  EXPECT_THAT(sink_->summary.warnings,
              ElementsAre(AllOf(StartsWith("5 of 6 source files were not found"),
                                HasSubstr("/x/1.c, /x/2.c, /x/3.c and 2 more"))));
  EXPECT_EQ(sink_->files[0].sha256, Sha256::Of("text").Raw());
  EXPECT_EQ(sink_->files[1].sha256, "");
}

TEST_F(CollectorTest, Collect_SourceTooLarge_CountsAsMissingWithItsReason) {
  UseSources({{"/x/a.c", "HUGE"}});
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(counts_.missing_source_files, 1U);
  EXPECT_THAT(warnings_, Contains(HasSubstr("/x/a.c: too large")));
}

TEST_F(CollectorTest, SendContents_OnlyWhatIsWanted) {
  UseSources({{"/x/a.c", "text a"}, {"/x/b.c", "text b"}, {"/x/c.c", "text a"}});
  AddInput("1.plist", Plist({"/x/a.c", "/x/b.c", "/x/c.c"}, {{}, {.file = 1}, {.file = 2}}));
  RecordingSink sink;
  Collector collector(inputs_, {}, sink);
  ASSERT_TRUE(collector.Collect().ok());
  EXPECT_THAT(collector.Sources(), SizeIs(2));
  std::vector<Sha256Digest> wanted = {Sha256::Of("text a"), Sha256::Of("unheard of")};
  std::sort(wanted.begin(), wanted.end());
  ASSERT_TRUE(collector.SendContents(wanted).ok());
  EXPECT_THAT(sink.contents, ElementsAre("text a"));
}

TEST_F(CollectorTest, SendContents_SourceChangedOrWent_LeftOutWithAWarning) {
  MapSources& sources = UseSources({{"/x/a.c", "text a"}, {"/x/b.c", "text b"}});
  AddInput("1.plist", Plist({"/x/a.c", "/x/b.c"}, {{}, {.file = 1}}));
  RecordingSink sink;
  Collector collector(inputs_, {}, sink);
  ASSERT_TRUE(collector.Collect().ok());
  sources.Set("/x/a.c", "changed");
  sources.Set("/x/b.c", "HUGE");
  ASSERT_TRUE(collector.SendContents(collector.Sources()).ok());
  EXPECT_THAT(sink.contents, IsEmpty());
  EXPECT_THAT(collector.warnings(),
              testing::UnorderedElementsAre(HasSubstr("/x/a.c: changed"),
                                            HasSubstr("/x/b.c: cannot be read")));
}

}  // namespace
}  // namespace stored::reports
