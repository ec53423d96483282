#include "reports/reviews/review_comments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "reports/reviews/review_comment.h"

namespace stored::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uint64_t kNoLimit = UINT64_MAX;

CommentVerdict VerdictOn(std::string_view text, uint32_t line,
                         std::string_view checker = "core.DivideZero") {
  const absl::StatusOr<std::unique_ptr<const ReviewComments>> found =
      ReviewComments::Find(text, kNoLimit);
  EXPECT_TRUE(found.ok()) << found.status();
  if (!found.ok() || *found == nullptr) return {};
  return (*found)->VerdictOn(line, checker);
}

// Returns "false_positive: why", or the kind of a verdict that is not a review.
std::string ReviewOn(std::string_view text, uint32_t line,
                     std::string_view checker = "core.DivideZero") {
  const CommentVerdict verdict = VerdictOn(text, line, checker);
  switch (verdict.kind) {
    case CommentVerdict::Kind::kNone:
      return "none";
    case CommentVerdict::Kind::kContradiction:
      return "contradiction";
    case CommentVerdict::Kind::kMisspelt:
      return "misspelt";
    case CommentVerdict::Kind::kReview:
      break;
  }
  EXPECT_TRUE(verdict.review.in_source);
  const char* const word = verdict.review.status == ReviewStatus::kConfirmed ? "confirmed"
                           : verdict.review.status == ReviewStatus::kFalsePositive
                               ? "false_positive"
                           : verdict.review.status == ReviewStatus::kIntentional ? "intentional"
                                                                                 : "?";
  return word + (": " + verdict.review.comment);
}

TEST(ReviewCommentsTest, Find_NoKeyword_IsNull) {
  const auto found = ReviewComments::Find("// a comment\nint x;\n", kNoLimit);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, nullptr);
}

TEST(ReviewCommentsTest, Find_KeywordInCodeOnly_IsNull) {
  const auto found = ReviewComments::Find("log(\"codechecker_suppress\");\nint x;\n", kNoLimit);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, nullptr);
}

TEST(ReviewCommentsTest, Keyword_DecidesTheStatus) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_false_positive [all] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_intentional [all] w\nx", 2), "intentional: w");
  EXPECT_EQ(ReviewOn("// codechecker_confirmed [all] w\nx", 2), "confirmed: w");
}

TEST(ReviewCommentsTest, Place_OnlyTheLineDirectlyBelowTheComment) {
  const std::string text = "int a;\n  // codechecker_suppress [all] w\n  int b;\n\n  int c;\n";
  EXPECT_EQ(ReviewOn(text, 1), "none");
  EXPECT_EQ(ReviewOn(text, 2), "none");
  EXPECT_EQ(ReviewOn(text, 3), "false_positive: w");
  EXPECT_EQ(ReviewOn(text, 4), "none");
  EXPECT_EQ(ReviewOn(text, 5), "none");
  EXPECT_EQ(ReviewOn(text, 0), "none");
  EXPECT_EQ(ReviewOn(text, 4'000'000'000), "none");
}

TEST(ReviewCommentsTest, Place_BlankLineBetween_DoesNotApply) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\n\nx", 3), "none");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\n  \t \nx", 3), "none");
}

TEST(ReviewCommentsTest, Place_SameLine_DoesNotApply) {
  EXPECT_EQ(ReviewOn("int x; // codechecker_suppress [all] w\n", 1), "none");
  EXPECT_EQ(ReviewOn("a\nint x; /* codechecker_suppress [all] w */\n", 2), "none");
}

TEST(ReviewCommentsTest, Place_BehindCodeOfTheLineAbove_DoesNotCount) {
  EXPECT_EQ(ReviewOn("int x; // codechecker_suppress [all] w\ny", 2), "none");
  EXPECT_EQ(ReviewOn("int x; /* codechecker_suppress [all] w */\ny", 2), "misspelt");
}

TEST(ReviewCommentsTest, Place_FirstAndLastLineOfTheFile) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\nx", 1), "none");
  EXPECT_EQ(ReviewOn("x\n// codechecker_suppress [all] w", 3), "false_positive: w");
  EXPECT_EQ(ReviewOn("x\n// codechecker_suppress [all] w\n", 3), "false_positive: w");
}

TEST(ReviewCommentsTest, ByteOrderMark_FirstLineIsStillAComment) {
  EXPECT_EQ(ReviewOn("\xef\xbb\xbf// codechecker_suppress [all] w\nx", 2), "false_positive: w");
}

TEST(ReviewCommentsTest, LineEnds_OfEverySystem) {
  EXPECT_EQ(ReviewOn("a\r\n// codechecker_suppress [all] w\r\n// more\r\nx\r\n", 4),
            "false_positive: w more");
  EXPECT_EQ(ReviewOn("a\r// codechecker_suppress [all] w\rx\r", 3), "false_positive: w");
  EXPECT_EQ(ReviewOn("a\r\n// codechecker_suppress [all] w\r\n\r\nx\r\n", 4), "none");
  EXPECT_EQ(ReviewOn("a\r\n/* codechecker_suppress [all] w\r\n * more\r\n */\r\nx\r\n", 5),
            "false_positive: w more");
}

TEST(ReviewCommentsTest, Slashes_SeveralLines_AreOneText) {
  const std::string text = "// codechecker_confirmed [all] one\n//two\n\t//   three   four\nx\n";
  EXPECT_EQ(ReviewOn(text, 4), "confirmed: one two three four");
  // For a finding within the comment, the lines below it do not belong to the comment.
  EXPECT_EQ(ReviewOn(text, 3), "confirmed: one two");
}

TEST(ReviewCommentsTest, Slashes_OtherCommentAbove_IsNotPartOfIt) {
  EXPECT_EQ(ReviewOn("// hello\n// codechecker_suppress [all] w\nx", 3), "false_positive: w");
}

TEST(ReviewCommentsTest, Slashes_AddressInTheText_IsKept) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] see https://bugs.example/1\nx", 2),
            "false_positive: see https://bugs.example/1");
}

TEST(ReviewCommentsTest, Stars_Forms) {
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] w */\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("/*codechecker_suppress[all]w*/\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("/** codechecker_suppress [all] w */\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] one\n  two\n  three */\nx", 4),
            "false_positive: one two three");
  EXPECT_EQ(ReviewOn("/*\n * codechecker_intentional [all] one\n * two\n */\nx", 5),
            "intentional: one two");
  EXPECT_EQ(ReviewOn("/**\n   codechecker_intentional [all]\n   one\n*/\nx", 5),
            "intentional: one");
}

TEST(ReviewCommentsTest, Stars_BlankLineInside_IsWithinTheComment) {
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] one\n\n two */\nx", 4),
            "false_positive: one two");
}

TEST(ReviewCommentsTest, Stars_CommentAboveAnotherComment_IsNotReached) {
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] w */\n/* other */\nx", 3), "none");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\n/* other */\nx", 3), "none");
}

TEST(ReviewCommentsTest, Stars_ThenSlashes_BothApply) {
  const std::string text =
      "/* codechecker_suppress [core] a */\n// codechecker_confirmed [dead] b\nx\n";
  EXPECT_EQ(ReviewOn(text, 3, "core.X"), "false_positive: a");
  EXPECT_EQ(ReviewOn(text, 3, "deadcode.X"), "confirmed: b");
}

TEST(ReviewCommentsTest, Stars_NotClosed_DoesNotApplyBelow) {
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] w\nx\ny\n", 3), "none");
  // Directly below its first line it counts like a complete comment, as in CodeChecker.
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all] w\nx\n", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("codechecker_suppress [all] w */\nx\n", 2), "false_positive: w");
}

TEST(ReviewCommentsTest, Stars_EndWithoutBegin_ReachesUpToTheLastBegin) {
  const std::string text = "// codechecker_suppress [all] far\nint a;\nglob = \"x*/y\";\nx\n";
  EXPECT_THAT(ReviewOn(text, 4), StartsWith("false_positive: far"));
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] far\n/* */\nint a;\n\"x*/y\";\nx\n", 5),
            "none");
}

TEST(ReviewCommentsTest, Checkers_ListsAndPartsOfNames) {
  const std::string text = "// codechecker_suppress [core.DivideZero, deadcode.DeadStores] w\nx\n";
  EXPECT_EQ(ReviewOn(text, 2, "core.DivideZero"), "false_positive: w");
  EXPECT_EQ(ReviewOn(text, 2, "deadcode.DeadStores"), "false_positive: w");
  EXPECT_EQ(ReviewOn(text, 2, "core.NullDereference"), "none");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [a core.X\tb] w\nx", 2, "core.X"),
            "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [DivideZero] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [Zero, x] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [dividezero] w\nx", 2), "none");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [ all ] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [x, all] w\nx", 2), "false_positive: w");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [] w\nx", 2), "none");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [,] w\nx", 2), "none");
}

TEST(ReviewCommentsTest, Checkers_ListOverSeveralLines) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [a,\n//   core] w\nx", 3), "false_positive: w");
  EXPECT_EQ(ReviewOn("/*\n * codechecker_suppress\n * [core]\n * w\n */\nx", 6),
            "false_positive: w");
}

TEST(ReviewCommentsTest, Checkers_OneCommentNamesItTwice_IsOneComment) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all, core, Zero] w\nx", 2), "false_positive: w");
}

TEST(ReviewCommentsTest, Text_Missing_HasCodeCheckersReason) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all]\nx", 2),
            std::string("false_positive: ") + kNoReviewReason);
  EXPECT_EQ(ReviewOn("/* codechecker_suppress [all]\n*/\nx", 3),
            std::string("false_positive: ") + kNoReviewReason);
}

TEST(ReviewCommentsTest, Text_OtherBracketsAndBytes_AreText) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] a[1] = {b} \xc3\xa4\nx", 2),
            "false_positive: a[1] = {b} \xc3\xa4");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] caf\xe9 \xff\nx", 2),
            "false_positive: caf\xe9 \xff");
  // A no-break space and an ideographic space are white space.
  EXPECT_EQ(ReviewOn("//\xc2\xa0"
                     "codechecker_suppress\xe3\x80\x80[all] a\xc2\xa0"
                     "b\nx",
                     2),
            "false_positive: a b");
}

TEST(ReviewCommentsTest, SeveralComments_EachForItsChecker) {
  const std::string text =
      "// codechecker_confirmed [core.A] one\n"
      "// and more\n"
      "// codechecker_intentional [core.B] two\n"
      "// and more\n"
      "x\n";
  EXPECT_EQ(ReviewOn(text, 5, "core.A"), "confirmed: one and more");
  EXPECT_EQ(ReviewOn(text, 5, "core.B"), "intentional: two and more");
  EXPECT_EQ(ReviewOn(text, 5, "core.C"), "none");
  const std::string starred =
      "/**\n"
      " * codechecker_intentional [core.A] one\n"
      " * codechecker_confirmed [core.B] two\n"
      " */\n"
      "x\n";
  EXPECT_EQ(ReviewOn(starred, 5, "core.A"), "intentional: one");
  EXPECT_EQ(ReviewOn(starred, 5, "core.B"), "confirmed: two");
}

TEST(ReviewCommentsTest, SeveralComments_TwoConcernOneChecker_Contradict) {
  const std::string text =
      "a\n"
      "// codechecker_confirmed [all] one\n"
      "// codechecker_intentional [core.B] two\n"
      "x\n";
  const CommentVerdict verdict = VerdictOn(text, 4, "core.B");
  EXPECT_EQ(verdict.kind, CommentVerdict::Kind::kContradiction);
  EXPECT_EQ(verdict.line, 3U);
  EXPECT_EQ(verdict.other_line, 2U);
  EXPECT_EQ(ReviewOn(text, 4, "core.A"), "confirmed: one");
}

TEST(ReviewCommentsTest, Misspelt_NamesTheLineAndTheText) {
  const CommentVerdict verdict =
      VerdictOn("a\n// codechecker_suppresssss [all] w\n// more\nx\n", 4);
  EXPECT_EQ(verdict.kind, CommentVerdict::Kind::kMisspelt);
  EXPECT_EQ(verdict.line, 2U);
  EXPECT_THAT(verdict.text, StartsWith("// codechecker_suppresssss [all] w"));
  EXPECT_EQ(ReviewOn("// codechecker_suppress all w\nx", 2), "misspelt");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all w\nx", 2), "misspelt");
  EXPECT_EQ(ReviewOn("// see codechecker_suppress [all] w\nx", 2), "misspelt");
  EXPECT_EQ(ReviewOn("/// codechecker_suppress [all] w\nx", 2), "misspelt");
}

TEST(ReviewCommentsTest, Misspelt_OneOfSeveral_NoneCounts) {
  EXPECT_EQ(ReviewOn("// codechecker_suppress all w\n// codechecker_suppress [all] w\nx", 3),
            "misspelt");
}

TEST(ReviewCommentsTest, Misspelt_UnknownKeyword_IsReportedIfNoOtherCommentApplies) {
  EXPECT_EQ(ReviewOn("// codechecker_supress [all] w\nx", 2), "misspelt");
  EXPECT_EQ(ReviewOn("/* codechecker_ignore [all] w */\nx", 2), "misspelt");
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] w\n// codechecker_supress [b] v\nx", 3),
            "false_positive: w codechecker_supress [b] v");
  EXPECT_EQ(ReviewOn("// The codechecker_web folder.\nx", 2), "none");
}

TEST(ReviewCommentsTest, HugeLines_AreReadOnce_NotKept) {
  const std::string long_line = "// codechecker_suppress [all] " + std::string(8 << 20, 'w');
  const auto found = ReviewComments::Find(long_line + "\nx\n", kNoLimit);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, nullptr);
  const std::string fits(ReviewComments::kMaxTextAbove - 40, 'w');
  EXPECT_EQ(ReviewOn("// codechecker_suppress [all] " + fits + "\nx", 2),
            "false_positive: " + fits);
}

TEST(ReviewCommentsTest, ManyComments_AboveOneLine_TakeBoundedTime) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "// codechecker_suppress [b] w\n";
  const auto found = ReviewComments::Find(text, kNoLimit);
  ASSERT_TRUE(found.ok());
  ASSERT_NE(*found, nullptr);
  EXPECT_LT((*found)->Size(), 20U << 20);
  for (uint32_t line = 90'000; line < 90'200; ++line) {
    EXPECT_EQ((*found)->VerdictOn(line, "a").kind, CommentVerdict::Kind::kNone);
  }
  EXPECT_EQ((*found)->VerdictOn(100'001, "b").kind, CommentVerdict::Kind::kContradiction);
}

TEST(ReviewCommentsTest, Find_OnlyCarriageReturns_TakesLinearTime) {
  std::string text = "// codechecker_suppress [all] w\rx\r";
  text += std::string(4 << 20, '\r');
  EXPECT_EQ(ReviewOn(text, 2), "false_positive: w");
}

TEST(ReviewCommentsTest, Find_OverTheLimit_IsAnError) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "// codechecker_suppress [all] w\nx;\n";
  const auto found = ReviewComments::Find(text, 1000);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("1000 bytes"));
}

TEST(ReviewCommentsTest, Find_CommentsFarApart_HaveTheirOwnTexts) {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += "// codechecker_suppress [all] number " + std::to_string(i) + "\nint x;\n";
    text += std::string(500, '\n');
  }
  for (uint32_t i = 0; i < 50; ++i) {
    EXPECT_EQ(ReviewOn(text, i * 502 + 2), "false_positive: number " + std::to_string(i));
  }
  const auto found = ReviewComments::Find(text, kNoLimit);
  ASSERT_TRUE(found.ok());
  EXPECT_LT((*found)->Size(), 10'000U);
}

// Walks up from a finding, line by line, as CodeChecker does.
struct Walk {
  std::vector<std::string> lines;

  // Returns the lines from the nearest keyword on, or "none", for a finding at `line`.
  std::string From(size_t line) const {
    bool end_seen = false;
    std::string text;
    for (size_t i = line - 1; i >= 1; --i) {
      const CommentMarks marks = CommentMarksOf(lines[i - 1]);
      if (!marks.whole_line && !marks.begins && !marks.ends && !end_seen) break;
      end_seen |= marks.ends;
      if (!text.empty()) text.insert(0, "\n");
      text.insert(0, lines[i - 1]);
      if (HasReviewKeyword(lines[i - 1])) return text;
      if (marks.begins) break;
    }
    return "none";
  }
};

TEST(ReviewCommentsTest, Find_AnyMixOfLines_AgreesWithCodeChecker) {
  const std::vector<std::string> kinds = {"x;",
                                          "// c",
                                          "/* c",
                                          "c */",
                                          "/* c */",
                                          "",
                                          "// codechecker_suppress [all] w",
                                          "/* codechecker_suppress [all] w",
                                          "c*/ // c"};
  uint32_t seed = 7;
  for (int round = 0; round < 3000; ++round) {
    Walk walk;
    std::string text;
    for (int i = 0; i < 9; ++i) {
      seed = seed * 1'664'525 + 1'013'904'223;
      walk.lines.push_back(kinds[(seed >> 16) % kinds.size()]);
      text += walk.lines.back() + "\n";
    }
    for (uint32_t line = 1; line <= 10; ++line) {
      const std::string above = walk.From(line);
      const CommentVerdict verdict = VerdictOn(text, line);
      if (above == "none") {
        EXPECT_EQ(verdict.kind, CommentVerdict::Kind::kNone) << text << line;
      } else {
        EXPECT_NE(verdict.kind, CommentVerdict::Kind::kNone) << text << line;
        const auto parsed = ParseReviewComment(above);
        if (verdict.kind == CommentVerdict::Kind::kReview && parsed) {
          EXPECT_EQ(verdict.review, parsed->review) << text << line;
        }
      }
    }
  }
}

}  // namespace
}  // namespace stored::reports
