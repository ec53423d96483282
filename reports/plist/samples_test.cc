// Plists that clang and CodeChecker wrote, compared field by field. testdata/README.md says how
// they were made.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/plist/testing/test_plists.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PlistSamples, Clang_EveryFieldIsKept) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(SamplePlist("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->files, ElementsAre(Field(&NamedSource::path, "/src/sample/ring.c"),
                                       Field(&NamedSource::path, "/src/sample/ring.h")));
  ASSERT_THAT(read->reports, SizeIs(4));
  EXPECT_THAT(read->hash_bases, IsEmpty());
  EXPECT_THAT(read->warnings, IsEmpty());

  const Report& report = read->reports[0];
  EXPECT_EQ(report.checker_name, "core.NullDereference");
  EXPECT_EQ(report.analyzer_name, "clangsa");
  EXPECT_EQ(report.report_hash, "f1272c1d98ae57c1d1d2599460d6d6f2");
  EXPECT_EQ(report.category, "Logic error");
  EXPECT_EQ(report.type, "Dereference of null pointer");
  EXPECT_EQ(report.message,
            "Access to field 'slots' results in a dereference of a null pointer (loaded from "
            "variable 'ring')");
  EXPECT_EQ(report.location, (Location{.file = 1, .line = 18, .column = 10}));
}

TEST(PlistSamples, Clang_BugPathIsKept) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(SamplePlist("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<BugPathEvent>& events = read->reports[0].bug_path.events;
  ASSERT_THAT(events, SizeIs(5));
  EXPECT_EQ(events[1].message, "Passing null pointer value via 1st parameter 'ring'");
  EXPECT_EQ(events[3].location, (Location{.file = 1, .line = 17, .column = 1}));
  EXPECT_EQ(events[3].depth, 1);
  EXPECT_THAT(events[3].ranges, IsEmpty());
  EXPECT_THAT(
      events[2].ranges,
      ElementsAre(Range{
          .file = 0, .start_line = 16, .start_column = 26, .end_line = 16, .end_column = 34}));
  EXPECT_THAT(read->reports[2].bug_path.macro_expansions,
              ElementsAre(MacroExpansion{.location = {.file = 0, .line = 15, .column = 16},
                                         .name = "ALLOCATE(size)",
                                         .expansion = "((int *)malloc ((size )*sizeof (int )))"}));
}

// The report has seven edges in two chains. Within a chain, every end is the next start, and is
// listed once.
TEST(PlistSamples, Clang_ControlEdges_EveryPositionOnce) {
  const absl::StatusOr<ResultFile> read = TryReadPlist(SamplePlist("clang.plist"));
  ASSERT_TRUE(read.ok()) << read.status();
  std::vector<std::string> starts;
  for (const Range& range : read->reports[0].bug_path.positions) {
    starts.push_back(fmt::format("{}:{}:{}", range.file, range.start_line, range.start_column));
  }
  EXPECT_THAT(starts, ElementsAre("0:15:3", "0:16:3", "0:16:7", "0:16:19", "0:16:33", "0:16:26",
                                  "1:17:1", "1:18:3", "1:18:10"));
}

TEST(PlistSamples, CodeChecker_AnalyzerNotesAndAbsolutePaths) {
  const absl::StatusOr<ResultFile> read =
      ReadPlist(SamplePlist("codechecker-clang-tidy.plist"), "x.plist", "/elsewhere", Limits{});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->files[0].path, "/src/sample/ring.c");
  ASSERT_THAT(read->reports, SizeIs(5));
  const Report& report = read->reports[0];
  EXPECT_EQ(report.analyzer_name, "clang-tidy");
  EXPECT_EQ(report.checker_name, "readability-braces-around-statements");
  ASSERT_THAT(report.bug_path.notes, SizeIs(1));
  EXPECT_EQ(report.bug_path.notes[0].message, "{ (fixit)");
  EXPECT_EQ(report.bug_path.notes[0].location, (Location{.file = 0, .line = 16, .column = 19}));
}

TEST(PlistSamples, ClangAndCodeChecker_SameReports) {
  const absl::StatusOr<ResultFile> clang = TryReadPlist(SamplePlist("clang.plist"));
  const absl::StatusOr<ResultFile> codechecker =
      TryReadPlist(SamplePlist("codechecker-clangsa.plist"));
  ASSERT_TRUE(clang.ok() && codechecker.ok());
  ASSERT_EQ(clang->reports.size(), codechecker->reports.size());
  for (size_t i = 0; i < clang->reports.size(); ++i) {
    const Report& a = clang->reports[i];
    const Report& b = codechecker->reports[i];
    EXPECT_EQ(a.report_hash, b.report_hash);
    EXPECT_EQ(a.checker_name, b.checker_name);
    EXPECT_EQ(a.analyzer_name, b.analyzer_name);
    EXPECT_EQ(a.location, b.location);
    EXPECT_EQ(a.bug_path.events.size(), b.bug_path.events.size());
    EXPECT_EQ(a.bug_path.macro_expansions, b.bug_path.macro_expansions);
  }
}

TEST(PlistSamples, NoDirectory_RelativePathRemainsRelative) {
  const absl::StatusOr<ResultFile> read =
      ReadPlist(SamplePlist("clang.plist"), "x.plist", "", Limits{});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->files[1].path, "ring.h");
}

}  // namespace
}  // namespace stored::reports
