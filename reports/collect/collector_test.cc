#include "reports/collect/collector.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/testing/build_paths.h"
#include "reports/collect/testing/collector_test_case.h"
#include "reports/testing/zstd.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(CollectorTest, Collect_SameReportInTwoFiles_SentOnce) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{}, {.line = 2}}));
  AddInput("2.plist",
           Plist({"/x/unused.h", "/x/a.c"}, {{.file = 1, .line = 2}, {.file = 1, .line = 3}}));
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->log, ElementsAre("file /x/a.c ", "report c h m /x/a.c:1",
                                      "report c h m /x/a.c:2", "report c h m /x/a.c:3", "finish"));
  EXPECT_EQ(counts_.diagnostics, 4U);
  EXPECT_EQ(counts_.reports, 3U);
  EXPECT_EQ(counts_.source_files, 1U);
  EXPECT_EQ(sink_->summary.diagnostics, 4U);
  EXPECT_EQ(sink_->summary.result_files, 2U);
}

TEST_F(CollectorTest, Collect_SameReportTwiceInOneFile_SentOnce) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{}, {}, {.message = "n"}}));
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->reports, SizeIs(2));
}

TEST_F(CollectorTest, Collect_ClangsAndCodeCheckersPlist_SameReportsOnce) {
  for (const char* name : {"clang.plist", "codechecker-clangsa.plist"}) {
    inputs_.files.push_back({.path = SourcePath(fmt::format("reports/plist/testdata/{}", name)),
                             .name = name,
                             .format = InputFile::Format::kPlist,
                             .directory = "/src/sample",
                             .skip_file = -1});
  }
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(counts_.diagnostics, 8U);
  EXPECT_EQ(counts_.reports, 4U);
}

TEST_F(CollectorTest, Collect_AnyNumberOfThreads_SameStream) {
  std::map<std::string, std::string> texts;
  for (int i = 0; i < 60; ++i) {
    std::vector<Finding> findings;
    // A third of the reports are in the next file too.
    for (int line = i * 20; line < i * 20 + 30; ++line) {
      findings.push_back({.file = line % 2, .line = line});
    }
    AddInput(fmt::format("{}.plist", i),
             Plist({fmt::format("/x/{}.c", i / 10), "/x/a.h"}, findings));
    texts[fmt::format("/x/{}.c", i / 10)] = fmt::format("text {}", i / 10);
  }
  UseSources(texts);
  ASSERT_TRUE(Run({.threads = 1}).ok());
  const std::vector<std::string> expected = sink_->log;
  EXPECT_THAT(expected, Contains("report c h m /x/a.h:1001"));
  for (const int threads : {2, 3, 16}) {
    ASSERT_TRUE(Run({.threads = threads}).ok());
    EXPECT_EQ(sink_->log, expected) << threads << " threads";
  }
}

TEST_F(CollectorTest, Collect_TrimmedPaths_SameFileOnce) {
  AddInput("1.plist", Plist({"/home/a/p/a.c"}, {{}}));
  AddInput("2.plist", Plist({"/home/b/p/a.c"}, {{}}));
  absl::StatusOr<PathTrimmer> trimmer = PathTrimmer::Create({"/home/*/p"});
  ASSERT_TRUE(trimmer.ok());
  ASSERT_TRUE(Run({.trimmer = *trimmer}).ok());
  EXPECT_THAT(sink_->log, ElementsAre("file a.c ", "report c h m a.c:1", "finish"));
}

TEST_F(CollectorTest, Collect_TrimmedToOnePathTextsDiffer_FirstWinsAndAWarning) {
  UseSources({{"/home/a/p/a.c", "one"}, {"/home/b/p/a.c", "two"}});
  AddInput("1.plist", Plist({"/home/a/p/a.c"}, {{}}));
  AddInput("2.plist", Plist({"/home/b/p/a.c"}, {{.line = 2}, {.line = 3}}));
  absl::StatusOr<PathTrimmer> trimmer = PathTrimmer::Create({"/home/*/p"});
  ASSERT_TRUE(trimmer.ok());
  ASSERT_TRUE(Run({.trimmer = *trimmer}).ok());
  EXPECT_THAT(sink_->files, SizeIs(1));
  EXPECT_THAT(sink_->contents, ElementsAre("one"));
  EXPECT_THAT(warnings_, ElementsAre(AllOf(HasSubstr("/home/a/p/a.c"), HasSubstr("/home/b/p/a.c"),
                                           HasSubstr("differ"))));
}

TEST_F(CollectorTest, Collect_SkipFile_LeavesItsReportsOut) {
  inputs_.skip_files.push_back(*SkipFile::Parse("-/x/third_party/*\n", "skip", warnings_));
  const std::string plist = Plist({"/x/third_party/t.c", "/x/a.c"}, {{}, {.file = 1}});
  AddInput("1.plist", plist).skip_file = 0;
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->log, ElementsAre("file /x/a.c ", "report c h m /x/a.c:1", "finish"));
  EXPECT_EQ(counts_.skipped_diagnostics, 1U);

  AddInput("2.plist", plist);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->reports, SizeIs(2)) << "the second has no skip file";
}

TEST_F(CollectorTest, Collect_HashesOfZeros_FindingsStayApart) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{.checker = "c1", .hash = "0", .line = 1},
                                         {.checker = "c2", .hash = "0", .line = 2}}));
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(2));
  EXPECT_THAT(sink_->reports[0].report_hash, SizeIs(32));
  EXPECT_NE(sink_->reports[0].report_hash, sink_->reports[1].report_hash);
}

TEST_F(CollectorTest, Collect_FindingInNoFile_IsSentAndNoSourceIsMissed) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{.hash = "", .file = 7}, {.hash = "h", .file = 8}}));
  UseSources({{"/x/a.c", "text"}});
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(2));
  EXPECT_EQ(sink_->files[sink_->reports[0].location.file].path, "");
  EXPECT_THAT(sink_->reports[0].report_hash, SizeIs(32));
  EXPECT_EQ(counts_.missing_source_files, 0U);
  EXPECT_THAT(sink_->summary.warnings,
              testing::Each(HasSubstr("is out of range; 'files' has 1 entries")));
}

TEST_F(CollectorTest, Finish_FilesThatWereNotAnalysed_AreInTheSummary) {
  inputs_.analyzed_files.Add({.analyzer = "clangsa",
                              .directory = "/w",
                              .successful = 118,
                              .successful_sources = {},
                              .failed = 2,
                              .failed_sources = {}});
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(sink_->summary.analyzed_files, 120U);
  EXPECT_EQ(sink_->summary.failed_files, 2U);
}

TEST_F(CollectorTest, Collect_CompressedFile_IsRead) {
  AddInput("1.plist.zst", Zstd(Plist({"/x/a.c"}, {{}})));
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->reports, SizeIs(1));
}

TEST_F(CollectorTest, Collect_Progress_EveryFileInOrder) {
  for (int i = 0; i < 5; ++i) AddInput(fmt::format("{}.plist", i), Plist({}, {}));
  std::vector<std::string> told;
  CollectorOptions options;
  options.progress = [&told](uint64_t done, uint64_t total) {
    told.push_back(fmt::format("{}/{}", done, total));
  };
  ASSERT_TRUE(Run(options).ok());
  EXPECT_THAT(told, ElementsAre("1/5", "2/5", "3/5", "4/5", "5/5"));
}

TEST_F(CollectorTest, Collect_CheckerInMetadata_AnalyzerFromThere) {
  inputs_.checker_analyzers = {CheckerAnalyzers{{"other", "infer"}},
                               CheckerAnalyzers{{"known", "gcc"}}};
  AddInput("1.plist", Plist({"/x/a.c"}, {{.checker = "known"}, {.checker = "clang-diagnostic-x"}}))
      .checker_analyzers = 1;
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(2));
  EXPECT_EQ(sink_->reports[0].analyzer_name, "gcc");
  EXPECT_EQ(sink_->reports[1].analyzer_name, "clang-tidy");
}

TEST_F(CollectorTest, Collect_NoHash_KeptWhenLinesAboveChange) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{.hash = "", .line = 2}}));
  UseSources({{"/x/a.c", "first\n  bad( 1 );\nlast"}});
  ASSERT_TRUE(Run().ok());
  const std::string hash = sink_->reports[0].report_hash;
  EXPECT_THAT(hash, SizeIs(32));

  inputs_.files.clear();
  AddInput("2.plist", Plist({"/x/a.c"}, {{.hash = "", .line = 4}}));
  UseSources({{"/x/a.c", "first\nnew\nnew\nbad(1);"}});
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(sink_->reports[0].report_hash, hash);

  UseSources({{"/x/a.c", "first\nnew\nnew\nbad(2);"}});
  ASSERT_TRUE(Run().ok());
  EXPECT_NE(sink_->reports[0].report_hash, hash);
}

TEST_F(CollectorTest, Collect_RealAnalysis_CountsOfCodeChecker) {
  const std::string tool = SourcePath("../shared/tools/make_corpus.py");
  if (!std::filesystem::exists(tool)) GTEST_SKIP() << tool << " is not there";
  const std::string corpus = directory_->path() + "/corpus";
  ASSERT_EQ(std::system(fmt::format("python3 '{}' 1 '{}'", tool, corpus).c_str()), 0);
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(corpus + "/reports")) {
    if (entry.path().extension() == ".plist") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    inputs_.files.push_back({.path = path, .name = path});
  }
  SourceRoots roots;
  ASSERT_TRUE(roots.AddNamed("/").ok());
  inputs_.sources = LocalSources(std::move(roots), Limits{});
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(counts_.result_files, 76U);
  EXPECT_EQ(counts_.diagnostics, 14313U);
  EXPECT_EQ(counts_.reports, 3376U);
  EXPECT_GT(sink_->contents.size(), 50U);
}

}  // namespace
}  // namespace stored::reports
