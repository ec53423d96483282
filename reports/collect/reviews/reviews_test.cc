// Tests whole report directories in which source comments and review_status.yaml review findings.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "reports/collect/collector.h"
#include "reports/inputs/inputs.h"
#include "reports/testing/recording_sink.h"
#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct ReviewedFinding {
  std::string checker = "core.DivideZero";
  std::string hash = "0123456789abcdef";
  int line = 2;
  std::string message = "m";
};

std::string Plist(const std::string& source, const std::vector<ReviewedFinding>& findings) {
  std::string text = "<plist version=\"1.0\"><dict><key>files</key><array><string>" + source +
                     "</string></array><key>diagnostics</key><array>";
  for (const ReviewedFinding& finding : findings) {
    const std::string location = fmt::format(
        "<key>location</key><dict><key>file</key><integer>0</integer><key>line</key>"
        "<integer>{}</integer><key>col</key><integer>1</integer></dict>",
        finding.line);
    text += fmt::format(
        "<dict><key>check_name</key><string>{0}</string><key>description</key><string>{1}</string>"
        "<key>issue_hash_content_of_line_in_context</key><string>{2}</string>{3}"
        "<key>path</key><array><dict><key>kind</key><string>event</string><key>message</key>"
        "<string>{1}</string>{3}</dict></array></dict>",
        finding.checker, finding.message, finding.hash, location);
  }
  return text + "</array></dict></plist>";
}

std::string Rule(const std::string& filters, const std::string& status) {
  return fmt::format("  - filters: {{{}}}\n    actions: {{review_status: {}, reason: by rule}}\n",
                     filters, status);
}
constexpr char kHead[] = "$version: 1\nrules:\n";

std::string WordOf(const Review& review) {
  switch (review.status) {
    case ReviewStatus::kUnreviewed:
      return "unreviewed";
    case ReviewStatus::kConfirmed:
      return "confirmed";
    case ReviewStatus::kFalsePositive:
      return "false_positive";
    case ReviewStatus::kIntentional:
      return "intentional";
  }
  return "?";
}

class ReviewsTest : public ::testing::Test {
 protected:
  absl::Status Collect(const std::vector<std::string>& paths) {
    sink_ = {};
    input_options_.skip_bad_files = options_.skip_bad_files;
    absl::StatusOr<Inputs> inputs = FindInputs(paths, input_options_);
    if (!inputs.ok()) return inputs.status();
    options_.threads = 2;
    Collector collector(*inputs, options_, sink_);
    absl::Status status = collector.Collect();
    if (status.ok()) status = collector.Finish();
    return status;
  }
  // Returns one line per report: "LINE CHECKER STATUS: COMMENT".
  std::vector<std::string> Reviews(const std::vector<std::string>& paths) {
    const absl::Status status = Collect(paths);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> lines;
    for (const Report& report : sink_.reports) {
      lines.push_back(fmt::format("{} {} {}{}: {}", report.location.line, report.checker_name,
                                  WordOf(report.review), report.review.in_source ? "!" : "",
                                  report.review.comment));
    }
    return lines;
  }
  // Returns the warnings about reviews. The other ones are about metadata that does not exist.
  std::vector<std::string> Warnings() const {
    std::vector<std::string> left;
    for (const std::string& warning : sink_.summary.warnings) {
      if (warning.find("metadata.json") == std::string::npos) left.push_back(warning);
    }
    return left;
  }

  TestDirectory dir_;
  CollectorOptions options_;
  InputOptions input_options_;
  RecordingSink sink_;
};

TEST_F(ReviewsTest, SourceComment_ReviewsTheFindingBelow) {
  dir_.Write("r/src/a.c",
             "// codechecker_intentional [all] meant\nint a;\nint b;\r\n"
             "/* codechecker_confirmed [Null]\r\n a bug */\r\nint c;\n");
  dir_.Write("r/a.plist", Plist("src/a.c", {{.line = 2},
                                            {.line = 3},
                                            {.checker = "core.Null", .line = 6},
                                            {.checker = "core.Other", .line = 6}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}),
              ElementsAre("2 core.DivideZero intentional!: meant", "3 core.DivideZero unreviewed: ",
                          "6 core.Null confirmed!: a bug", "6 core.Other unreviewed: "));
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(ReviewsTest, SourceComment_SourceIsNotThere_Unreviewed) {
  dir_.Write("r/a.plist", Plist("src/gone.c", {{}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("2 core.DivideZero unreviewed: "));
}

TEST_F(ReviewsTest, SourceComment_NoReport_ChangesNothing) {
  dir_.Write("r/src/a.c",
             "int a;\nint b;\n// codechecker_supress\n// codechecker_intentional [a\n");
  dir_.Write("r/a.plist", Plist("src/a.c", {{.line = 1}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("1 core.DivideZero unreviewed: "));
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(ReviewsTest, SourceComments_TwoAboutOneFinding_UnreviewedAndToldOnce) {
  dir_.Write(
      "r/src/a.c",
      "// codechecker_confirmed [all] a bug\n// codechecker_intentional [Zero] no\nint a;\n");
  // The rule applies, but is not used: comments are about the finding, though they contradict.
  dir_.Write("r/review_status.yaml", kHead + Rule("filepath: '*'", "false_positive"));
  dir_.Write("r/a.plist", Plist("src/a.c", {{.line = 3}, {.line = 3, .message = "other"}}));
  dir_.Write("r/b.plist", Plist("src/a.c", {{.line = 3, .message = "third"}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}),
              ElementsAre("3 core.DivideZero unreviewed: ", "3 core.DivideZero unreviewed: ",
                          "3 core.DivideZero unreviewed: "));
  EXPECT_THAT(Warnings(),
              ElementsAre(AllOf(HasSubstr("/r/src/a.c:3: more than one review comment (in lines 1 "
                                          "and 2) is about core.DivideZero"))));
}

TEST_F(ReviewsTest, SourceComment_Misspelt_IsToldAndTheRuleCounts) {
  dir_.Write("r/src/a.c", "int x;\n// codechecker_suppress all\nint a;\n");
  dir_.Write("r/review_status.yaml", kHead + Rule("filepath: '*'", "confirmed"));
  dir_.Write("r/a.plist", Plist("src/a.c", {{.line = 3}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("3 core.DivideZero confirmed: by rule"));
  EXPECT_THAT(Warnings(), ElementsAre(AllOf(HasSubstr("/r/src/a.c:2: this review comment"),
                                            HasSubstr("// codechecker_suppress all"))));
}

TEST_F(ReviewsTest, SourceComment_WinsOverARule) {
  dir_.Write("r/src/a.c", "// codechecker_confirmed [all] a bug\nint a;\nint b;\n");
  dir_.Write("r/review_status.yaml", kHead + Rule("checker_name: core.DivideZero", "suppress"));
  dir_.Write("r/a.plist", Plist("src/a.c", {{.line = 2}, {.line = 3}}));
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("2 core.DivideZero confirmed!: a bug",
                                                     "3 core.DivideZero false_positive: by rule"));
}

TEST_F(ReviewsTest, Rule_PathFilter_IsForTheUntrimmedPath) {
  dir_.Write("r/src/test/a.c", "\n\n");
  dir_.Write("r/review_status.yaml",
             kHead + Rule(fmt::format("filepath: '{}/test/*'", dir_.Path("r/src")), "intentional"));
  dir_.Write("r/a.plist", Plist("src/test/a.c", {{}}));
  absl::StatusOr<PathTrimmer> trimmer = PathTrimmer::Create({dir_.Path("r/src")});
  ASSERT_TRUE(trimmer.ok());
  options_.trimmer = *std::move(trimmer);
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("2 core.DivideZero intentional: by rule"));
  EXPECT_EQ(sink_.files.at(0).path, "test/a.c");
}

TEST_F(ReviewsTest, Rules_OfSeveralDirectories_EachForItsOwn) {
  dir_.Write("one/review_status.yaml", kHead + Rule("checker_name: c", "confirmed"));
  dir_.Write("one/a.plist", Plist("/x/a.c", {{.checker = "c"}, {.checker = "d"}}));
  dir_.Write("one/sub/a.plist", Plist("/x/b.c", {{.checker = "c", .line = 3}}));
  dir_.Write("one/own/review_status.yaml", kHead + Rule("checker_name: c", "suppress"));
  dir_.Write("one/own/a.plist", Plist("/x/c.c", {{.checker = "c", .line = 4}}));
  dir_.Write("two/review_status.yaml", kHead + Rule("checker_name: d", "intentional"));
  dir_.Write("two/a.plist", Plist("/x/d.c", {{.checker = "c", .line = 5}, {.checker = "d"}}));
  dir_.Write("three/a.plist", Plist("/x/e.c", {{.checker = "c", .line = 6}}));
  EXPECT_THAT(Reviews({dir_.Path("one"), dir_.Path("two"), dir_.Path("three")}),
              ElementsAre("2 c confirmed: by rule", "2 d unreviewed: ",
                          "4 c false_positive: by rule", "3 c confirmed: by rule",
                          "5 c unreviewed: ", "2 d intentional: by rule", "6 c unreviewed: "));
}

TEST_F(ReviewsTest, Rules_BesideAFileGivenByItself_Count) {
  dir_.Write("r/review_status.yaml", kHead + Rule("report_hash: '0123'", "confirmed"));
  dir_.Write("r/a.plist", Plist("/x/a.c", {{}}));
  EXPECT_THAT(Reviews({dir_.Path("r/a.plist")}),
              ElementsAre("2 core.DivideZero confirmed: by rule"));
}

TEST_F(ReviewsTest, Rule_HashFilter_IsForTheHashThatIsStored) {
  // The findings have no hash. The second one gets a numbered one.
  dir_.Write("r/src/a.c", "f(x);\nf( x );\n");
  dir_.Write("r/a.plist", Plist("src/a.c", {{.hash = "", .line = 1}, {.hash = "", .line = 2}}));
  Reviews({dir_.Path("r")});
  ASSERT_EQ(sink_.reports.size(), 2U);
  const std::string second = sink_.reports[1].report_hash;
  ASSERT_NE(sink_.reports[0].report_hash, second);
  dir_.Write("r/review_status.yaml",
             kHead + Rule(fmt::format("report_hash: '{}'", second.substr(0, 20)), "confirmed"));
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("1 core.DivideZero unreviewed: ",
                                                     "2 core.DivideZero confirmed: by rule"));
}

TEST_F(ReviewsTest, Rules_Malformed_RefuseTheDirectory) {
  dir_.Write("r/a.plist", Plist("/x/a.c", {{}}));
  dir_.Write("r/review_status.yaml", "$version: 1\nrules:\n  - filters: {colour: red}\n");
  absl::Status status = Collect({dir_.Path("r")});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              StartsWith(dir_.Path("r/review_status.yaml") + ": line 3, column 5: rule 1: "));
  dir_.Write("r/review_status.yaml", "$version: 1\nrules: [\n");
  status = Collect({dir_.Path("r/a.plist")});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("r/review_status.yaml: line 3, column 1: not valid YAML")));
}

TEST_F(ReviewsTest, Rules_MalformedAndBadFilesSkipped_OnlyTheirDirectoryIsLeftOut) {
  options_.skip_bad_files = true;
  dir_.Write("bad/review_status.yaml", "rules: []\n");
  dir_.Write("bad/a.plist", Plist("/x/a.c", {{.checker = "a"}}));
  dir_.Write("bad/sub/a.plist", Plist("/x/a.c", {{.checker = "b"}}));
  dir_.Write("bad/own/review_status.yaml", kHead + Rule("checker_name: c", "confirmed"));
  dir_.Write("bad/own/a.plist", Plist("/x/a.c", {{.checker = "c"}}));
  dir_.Write("good/a.plist", Plist("/x/a.c", {{.checker = "d"}}));
  EXPECT_THAT(Reviews({dir_.Path("bad"), dir_.Path("good")}),
              ElementsAre("2 c confirmed: by rule", "2 d unreviewed: "));
  EXPECT_THAT(sink_.summary.warnings,
              testing::Contains(AllOf(HasSubstr("bad/review_status.yaml"),
                                      HasSubstr("left out, with the result files"))));
}

TEST_F(ReviewsTest, Rules_MalformedAndNothingElse_IsAnErrorThoughBadFilesAreSkipped) {
  options_.skip_bad_files = true;
  dir_.Write("bad/review_status.yaml", "rules: []\n");
  dir_.Write("bad/metadata.json", "{}");
  dir_.Write("bad/a.plist", Plist("/x/a.c", {{}}));
  for (const char* const path : {"bad", "bad/a.plist"}) {
    const absl::Status status = Collect({dir_.Path(path)});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("\"$version\" is missing"));
  }
  // Another path that has nothing to read is still an error.
  dir_.Write("none/readme.txt", "");
  EXPECT_THAT(std::string(Collect({dir_.Path("bad"), dir_.Path("none")}).message()),
              HasSubstr("none: nothing to read"));
}

TEST_F(ReviewsTest, Sarif_OwnSuppression_CountsLeast) {
  dir_.Write("r/src/a.c", "int a;\nint b;\n// codechecker_confirmed [k] by comment\nint c;\n");
  std::string results;
  for (const auto& [line, rule] : {std::pair{1, "k"}, std::pair{2, "other"}, std::pair{4, "k"}}) {
    results += fmt::format(
        R"({}{{"ruleId": "{}", "message": {{"text": "m"}}, "suppressions": [{{"kind": "inSource",
           "justification": "by log"}}], "locations": [{{"physicalLocation": {{"artifactLocation":
           {{"uri": "src/a.c"}}, "region": {{"startLine": {}}}}}}}]}})",
        results.empty() ? "" : ",", rule, line);
  }
  dir_.Write("r/a.sarif",
             R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [)" +
                 results + "]}]}");
  dir_.Write("r/review_status.yaml", kHead + Rule("checker_name: other", "intentional"));
  const std::vector<std::string> reviews = Reviews({dir_.Path("r")});
  ASSERT_EQ(reviews.size(), 3U);
  EXPECT_THAT(reviews[0], AllOf(StartsWith("1 k false_positive"), HasSubstr("by log")));
  EXPECT_EQ(reviews[1], "2 other intentional: by rule");
  EXPECT_EQ(reviews[2], "4 k confirmed!: by comment");
}

TEST_F(ReviewsTest, Sarif_TextInTheLog_HasItsCommentsRead) {
  dir_.Write("r/a.sarif", R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}},
      "artifacts": [{"location": {"uri": "mem/a.c"}, "contents": {"text":
      "// codechecker_suppress [all] embedded\nint a;\n"}}],
      "results": [{"ruleId": "k", "message": {"text": "m"}, "locations": [{"physicalLocation":
      {"artifactLocation": {"uri": "mem/a.c", "index": 0}, "region": {"startLine": 2}}}]}]}]})");
  EXPECT_THAT(Reviews({dir_.Path("r")}), ElementsAre("2 k false_positive!: embedded"));
}

TEST_F(ReviewsTest, Comments_OverTheLimit_EndTheStore) {
  dir_.Write("r/src/a.c", "// codechecker_confirmed [k] a\nint a;\n");
  dir_.Write("r/a.plist", Plist("src/a.c", {{}}));
  options_.limits.max_review_comment_bytes = 10;
  const absl::Status status = Collect({dir_.Path("r")});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 10 bytes"));
}

}  // namespace
}  // namespace stored::reports
