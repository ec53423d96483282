#include "reports/collect/collector.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/status.h"
#include "base/testing/build_paths.h"
#include "reports/collect/input_reader.h"
#include "reports/collect/testing/collector_test_case.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

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
    // A third of them is in the next file too, with another category that tells who was first.
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

TEST_F(CollectorTest, Collect_BadFile_ErrorNamesItAndStays) {
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  AddInput("bad.plist", "<plist><dict>");
  AddInput("worse.plist", "no XML");
  RecordingSink sink;
  Collector collector(inputs_, {}, sink);
  const absl::Status status = collector.Collect();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("bad.plist: "));
  EXPECT_EQ(collector.SendContents({}), status);
  EXPECT_EQ(collector.Finish(), status);
  EXPECT_THAT(sink.log, Not(Contains("finish")));
}

TEST_F(CollectorTest, Collect_FileGone_ErrorNamesIt) {
  inputs_.files.push_back({.path = "/nonexistent/1.plist", .name = "all.zip: 1.plist"});
  const absl::Status status = Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), StartsWith("all.zip: 1.plist: "));
}

TEST_F(CollectorTest, Collect_BadFileAmongSeveral_NamesTheOptionThatLeavesItOut) {
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  for (const char* bad : {"bad.plist", "bad.sarif"}) {
    const std::vector<InputFile> before = inputs_.files;
    AddInput(bad, "<plist><dict>");
    EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()),
                testing::EndsWith("; nothing was stored (--skip leaves out what cannot be read)"));
    inputs_.files = before;
  }
  // Whatever is wrong with it.
  inputs_.files.push_back({.path = "/nonexistent/1.plist", .name = "1.plist"});
  EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()), HasSubstr("--skip"));
  // One alone is all that there is.
  inputs_.files.erase(inputs_.files.begin());
  EXPECT_THAT(std::string(Run({.skip_bad_files_option = "--skip"}).message()),
              Not(HasSubstr("--skip")));
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

TEST_F(CollectorTest, Collect_SkipBadFiles_WarnsAndGoesOn) {
  AddInput("bad.plist", "<plist><dict>");
  AddInput("good.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  EXPECT_THAT(sink_->reports, SizeIs(1));
  EXPECT_EQ(counts_.bad_files, 1U);
  EXPECT_EQ(counts_.result_files, 1U);
  EXPECT_THAT(sink_->summary.warnings, Contains(HasSubstr("bad.plist: ")));
}

TEST_F(CollectorTest, Collect_CompressedFile_IsRead) {
  const std::string plist = Plist({"/x/a.c"}, {{}});
  std::string packed(ZSTD_compressBound(plist.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plist.data(), plist.size(), 3));
  AddInput("1.plist.zst", packed);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(sink_->reports, SizeIs(1));
}

TEST_F(CollectorTest, Collect_MoreReportsThanTheLimit_ResourceExhausted) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{}, {.line = 2}}));
  AddInput("2.plist", Plist({"/x/a.c"}, {{.line = 2}, {.line = 3}}));
  Limits limits;
  limits.max_reports = 3;
  EXPECT_TRUE(Run({.limits = limits}).ok());
  limits.max_reports = 2;
  const absl::Status status = Run({.limits = limits});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), StartsWith("2.plist: more than 2 "));
}

TEST_F(CollectorTest, Collect_Cancelled_EndsWithCancelled) {
  for (int i = 0; i < 50; ++i) AddInput(fmt::format("{}.plist", i), Plist({"/x/a.c"}, {{}}));
  uint64_t done = 0;
  CollectorOptions options;
  options.progress = [&done](uint64_t now, uint64_t) { done = now; };
  options.cancelled = [&done] { return done == 3; };
  EXPECT_EQ(Run(options).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(done, 3U);
}

// One file that alone takes far longer: neither its reading nor its merging is waited for.
TEST_F(CollectorTest, Collect_CancelledWithinAFile_IsNotReadToItsEnd) {
  std::vector<Finding> findings(20'000);
  for (size_t i = 0; i < findings.size(); ++i) findings[i].line = static_cast<int>(i) + 1;
  AddInput("1.plist", Plist({"/x/a.c"}, findings));
  CollectorOptions options;
  // Not before reports come.
  options.cancelled = [this] { return !sink_->reports.empty(); };
  EXPECT_EQ(Run(options).code(), absl::StatusCode::kCancelled);
  EXPECT_LT(sink_->reports.size(), findings.size() / 2);
}

// A log whose reports' hashes need sources that are slow to come: reading it is over, making it
// ready is not waited for either.
TEST_F(CollectorTest, Read_StoppedWhileSourcesAreRead_TheOthersAreNotRead) {
  constexpr int kFiles = 50;
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[)";
  for (int i = 0; i < kFiles; ++i) {
    log += fmt::format(R"({}{{"ruleId":"r","message":{{"text":"m"}},"locations":[{{)"
                       R"("physicalLocation":{{"artifactLocation":{{"uri":"{}.c"}},"region":{{)"
                       R"("startLine":1}}}}}}]}})",
                       i == 0 ? "" : ",", i);
  }
  AddInput("log.sarif", log + "]}]}", InputFile::Format::kSarif);
  // Whoever is asked for the third source is told to stop.
  class StoppingSources final : public SourceProvider {
   public:
    absl::StatusOr<SourceText> Read(const std::string& path,
                                    const std::string& /*directory*/) const override {
      if (++reads == 3) stop.request_stop();
      return absl::NotFoundError(path);
    }
    mutable int reads = 0;
    mutable std::stop_source stop;
  };
  auto sources = std::make_unique<StoppingSources>();
  const StoppingSources& kept = *sources;
  inputs_.sources = std::move(sources);
  SourceTable table;
  const PathTrimmer trimmer;
  const Limits limits;
  const MergedIdentities merged;
  const InputReader reader(inputs_, limits, trimmer, table, merged);
  EXPECT_EQ(reader.Read(0, kept.stop.get_token()).status.code(), absl::StatusCode::kCancelled);
  // That one is read for the hash, and once more for its digest.
  EXPECT_LE(kept.reads, 4);
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

TEST_F(CollectorTest, Collect_SinkFails_ItsErrorComesBack) {
  for (int i = 0; i < 50; ++i) {
    AddInput(fmt::format("{}.plist", i), Plist({"/x/a.c"}, {{.line = i}}));
  }
  RecordingSink sink;
  sink.fail_at_report = 5;
  Collector collector(inputs_, {}, sink);
  EXPECT_EQ(collector.Collect(), absl::DataLossError("the sink is full"));
  EXPECT_THAT(sink.reports, SizeIs(5));
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

TEST_F(CollectorTest, Collect_ManyWarnings_LastSaysHowManyMore) {
  for (int i = 0; i < 150; ++i) AddInput(fmt::format("{}.plist", i), std::string(3000, 'x'));
  inputs_.warnings.push_back(std::string(3000, 'y'));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  ASSERT_THAT(sink_->summary.warnings, SizeIs(kMaxWarnings));
  EXPECT_THAT(sink_->summary.warnings, Each(testing::SizeIs(testing::Le(kMaxWarningBytes))));
  EXPECT_EQ(sink_->summary.warnings.back(), "52 more warnings");
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

// A SARIF log of `tool` with one finding in `uri`, whose text it embeds.
std::string SarifLog(std::string_view tool, std::string_view uri, std::string_view text) {
  return fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{}"}}}},
        "artifacts": [{{"location": {{"uri": "{}"}}, "contents": {{"text": "{}"}}}}],
        "results": [{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [
          {{"physicalLocation": {{"artifactLocation": {{"uri": "{}", "index": 0}},
                                  "region": {{"startLine": 1}}}}}}]}}]}}]}})",
      tool, uri, text, uri);
}

TEST_F(CollectorTest, Collect_SeveralSarifLogs_EachAnalysisOnce) {
  inputs_.analyses.push_back({.tool_name = "codechecker"});
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}));
  AddInput("1.sarif", SarifLog("ruff", "a.py", "one"), InputFile::Format::kSarif);
  AddInput("2.sarif", SarifLog("eslint", "a.js", "two"), InputFile::Format::kSarif);
  AddInput("3.sarif", SarifLog("ruff", "b.py", "three"), InputFile::Format::kSarif);
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(4));
  EXPECT_THAT(sink_->log[0], StartsWith("analysis codechecker"));
  std::vector<std::string> analyses;
  for (const std::string& line : sink_->log) {
    if (line.starts_with("analysis ")) analyses.push_back(line);
  }
  EXPECT_THAT(analyses, SizeIs(3));
}

TEST_F(CollectorTest, SendContents_EmbeddedInSarif_SentFromThere) {
  AddInput("1.sarif", SarifLog("ruff", "a.py", "one"), InputFile::Format::kSarif);
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(1));
  EXPECT_THAT(sink_->contents, ElementsAre("one"));
  EXPECT_EQ(counts_.missing_source_files, 0U);
}

// A SARIF log of that many MiB and its results, so long that it comes in parts. Among them are some
// known from the parts before, some whose hash has to be computed from sources, and some in skipped
// files; a part of the sources is embedded.
std::string LargeSarifLog(size_t mib, std::string_view directory) {
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"artifacts":[)";
  for (int file = 0; file < 3000; file += 3) {
    log += fmt::format(R"({}{{"location":{{"uri":"{}/{}.c"}},"contents":{{"text":"text {}"}}}})",
                       file == 0 ? "" : ",", directory, file, file);
  }
  log += R"(],"results":[)";
  const std::string padding(300, ' ');
  for (int i = 0; log.size() < mib << 20; ++i) {
    const int number = i % 5 == 0 ? i / 2 : i;
    log += fmt::format(
        R"({}{{"ruleId":"r","message":{{"text":"m{}"}},{}"locations":[{{"physicalLocation":{{)"
        R"("artifactLocation":{{"uri":"{}/{}.c"}},"region":{{"startLine":{}}}}}}}]{}}})",
        i == 0 ? "" : ",\n", number,
        number % 7 == 0 ? "" : fmt::format(R"("fingerprints":{{"a":"{}"}},)", number), directory,
        number / 10, number % 10 + 1, padding);
  }
  return log + "]}]}";
}

TEST_F(CollectorTest, Collect_LargeSarifLogs_SameStreamInPartsAsWhole) {
  std::map<std::string, std::string> texts;
  for (int file = 0; file < 100; ++file) {
    texts[fmt::format("/src/a/{}.c", file)] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
  }
  UseSources(texts);
  inputs_.skip_files.push_back(*SkipFile::Parse("-a/13*\n", "skip", warnings_));
  AddInput("1.sarif", LargeSarifLog(4, "a"), InputFile::Format::kSarif).skip_file = 0;
  AddInput("2.sarif", LargeSarifLog(3, "b"), InputFile::Format::kSarif);
  AddInput("3.sarif", LargeSarifLog(2, "a"), InputFile::Format::kSarif);
  // Then a file is read as a whole.
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  const std::unique_ptr<RecordingSink> whole = std::move(sink_);
  const CollectorCounts counts = counts_;
  EXPECT_THAT(whole->reports, SizeIs(testing::Gt(10'000U)));
  EXPECT_GT(counts.skipped_diagnostics, 0U);
  EXPECT_THAT(whole->contents, Contains("text 600"));
  for (const int threads : {1, 3}) {
    std::vector<uint64_t> told;
    ASSERT_TRUE(Run({.threads = threads,
                     .progress = [&told](uint64_t done, uint64_t) { told.push_back(done); }})
                    .ok());
    EXPECT_TRUE(sink_->log == whole->log) << threads;
    EXPECT_TRUE(sink_->reports == whole->reports) << threads;
    EXPECT_EQ(sink_->summary.warnings, whole->summary.warnings);
    EXPECT_EQ(sink_->summary.result_files, 3U);
    EXPECT_EQ(counts_.diagnostics, counts.diagnostics);
    EXPECT_EQ(counts_.skipped_diagnostics, counts.skipped_diagnostics);
    EXPECT_THAT(told, ElementsAre(1U, 2U, 3U));
  }
}

TEST_F(CollectorTest, Read_LargeSarifLog_PartsThatAddUp) {
  const std::string log = LargeSarifLog(4, "a");
  AddInput("1.sarif", log, InputFile::Format::kSarif);
  SourceTable table;
  const PathTrimmer trimmer;
  const Limits limits;
  const MergedIdentities merged;
  const InputReader reader(inputs_, limits, trimmer, table, merged);
  std::vector<ReadInput> parts;
  parts.push_back(reader.Read(0, {}, [&parts](ReadInput part) {
    parts.push_back(std::move(part));
    return true;
  }));
  EXPECT_THAT(parts, SizeIs(4));
  uint64_t weight = 0;
  std::set<FileIndex> files;
  for (ReadInput& part : parts) {
    EXPECT_TRUE(part.status.ok()) << part.status;
    weight += part.weight;
    for (const ReadSource& file : part.files) EXPECT_TRUE(files.insert(file.index).second);
    for (const Report& report : part.reports) {
      EXPECT_TRUE(files.contains(report.location.file));
    }
  }
  EXPECT_EQ(weight, log.size());

  // No more than is wanted is read.
  int handed = 0;
  const ReadInput last = reader.Read(0, {}, [&handed](const ReadInput&) { return ++handed < 2; });
  EXPECT_EQ(last.status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(handed, 2);
}

TEST_F(CollectorTest, Collect_LargeSarifLogMalformedAtItsEnd_AnErrorAndNothingOfItWhereSkipped) {
  std::string log = LargeSarifLog(3, "a");
  log.insert(log.size() - std::string_view("]}]}").size(), ",x");
  AddInput("1.sarif", log, InputFile::Format::kSarif);
  const absl::Status status = Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("1.sarif: "), HasSubstr("expected a value, not 'x'")));
  // It was merged while it was read.
  EXPECT_THAT(sink_->reports, Not(IsEmpty()));
  EXPECT_THAT(sink_->log, Not(Contains("finish")));

  AddInput("2.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run({.skip_bad_files = true}).ok());
  EXPECT_THAT(sink_->log, ElementsAre("file /x/a.c ", "report c h m /x/a.c:1", "finish"));
  EXPECT_EQ(counts_.bad_files, 1U);
  EXPECT_EQ(counts_.result_files, 1U);
  EXPECT_THAT(sink_->summary.warnings, Contains(StartsWith("left out: 1.sarif: ")));
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
