#include "reports/reviews/review_rules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <stop_token>
#include <string>
#include <vector>

namespace stored::reports {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kHead[] = "$version: 1\nrules:\n";

std::string Rule(const std::string& filters, const std::string& actions) {
  return fmt::format("  - filters: {{{}}}\n    actions: {{{}}}\n", filters, actions);
}

class ReviewRulesTest : public ::testing::Test {
 protected:
  void Read(const std::string& text) {
    absl::StatusOr<ReviewRules> rules = ReviewRules::Read(text, "d/review_status.yaml", warnings_);
    ASSERT_TRUE(rules.ok()) << rules.status();
    rules_ = *std::move(rules);
  }
  std::string ErrorOf(const std::string& text) {
    const absl::StatusOr<ReviewRules> rules =
        ReviewRules::Read(text, "d/review_status.yaml", warnings_);
    EXPECT_FALSE(rules.ok());
    return std::string(rules.status().message());
  }
  // Returns the reason of the first rule that applies, or "-".
  std::string Reason(const std::string& path, const std::string& checker, const std::string& hash) {
    const std::vector<uint32_t> of_path = rules_.OfPath(path, std::stop_token());
    const ReviewRule* const rule = rules_.FirstFor(of_path, checker, hash);
    if (rule == nullptr) return "-";
    EXPECT_FALSE(rule->review.in_source);
    return rule->review.comment;
  }

  ReviewRules rules_{std::vector<ReviewRule>()};
  std::vector<std::string> warnings_;
};

TEST_F(ReviewRulesTest, Read_BlockStyle_HasFiltersAndActions) {
  Read(
      "$version: 1\n"
      "rules:\n"
      "  - filters:\n"
      "      filepath: /src/test/*\n"
      "      checker_name: core.DivideZero\n"
      "    actions:\n"
      "      review_status: intentional\n"
      "      reason: Meant in tests.\n"
      "  - filters:\n"
      "      report_hash: b85851b3\n"
      "    actions:\n"
      "      review_status: suppress\n");
  const std::vector<uint32_t> of_path = rules_.OfPath("/src/test/a/b.c", std::stop_token());
  const ReviewRule* rule = rules_.FirstFor(of_path, "core.DivideZero", "b85851b34789");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->review, (Review{ReviewStatus::kIntentional, "Meant in tests.", false}));
  rule = rules_.FirstFor(of_path, "core.Other", "b85851b34789");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->review, (Review{ReviewStatus::kFalsePositive, "", false}));
  EXPECT_EQ(rules_.FirstFor(of_path, "core.Other", "b85851"), nullptr);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ReviewRulesTest, Read_EveryStatus) {
  for (const auto& [word, status] : {std::pair{"false_positive", ReviewStatus::kFalsePositive},
                                     std::pair{"suppress", ReviewStatus::kFalsePositive},
                                     std::pair{"confirmed", ReviewStatus::kConfirmed},
                                     std::pair{"intentional", ReviewStatus::kIntentional}}) {
    Read(kHead + Rule("checker_name: c", fmt::format("review_status: {}", word)));
    const ReviewRule* const rule = rules_.FirstFor({}, "c", "h");
    ASSERT_NE(rule, nullptr) << word;
    EXPECT_EQ(rule->review.status, status) << word;
  }
}

TEST_F(ReviewRulesTest, FirstFor_PathPatterns) {
  Read(kHead + Rule("filepath: '*/test/?.c'", "review_status: confirmed, reason: a") +
       Rule("filepath: '/src/[ab]*.h'", "review_status: confirmed, reason: b") +
       Rule("filepath: /src/whole.c", "review_status: confirmed, reason: c"));
  EXPECT_EQ(Reason("/x/test/a.c", "k", "h"), "a");
  EXPECT_EQ(Reason("/x/test/ab.c", "k", "h"), "-");
  EXPECT_EQ(Reason("/src/a/deep/x.h", "k", "h"), "b");
  EXPECT_EQ(Reason("/src/c.h", "k", "h"), "-");
  EXPECT_EQ(Reason("/src/whole.c", "k", "h"), "c");
  EXPECT_EQ(Reason("/src/whole.cc", "k", "h"), "-");
  EXPECT_EQ(Reason("src/whole.c", "k", "h"), "-");
}

TEST_F(ReviewRulesTest, FirstFor_CheckerName_IsTheWholeName) {
  Read(kHead + Rule("checker_name: core.A", "review_status: confirmed, reason: a"));
  EXPECT_EQ(Reason("/p", "core.A", "h"), "a");
  EXPECT_EQ(Reason("/p", "core.AB", "h"), "-");
  EXPECT_EQ(Reason("/p", "core", "h"), "-");
}

TEST_F(ReviewRulesTest, FirstFor_AllFiltersMustPass) {
  Read(kHead + Rule("filepath: '/a/*', checker_name: c, report_hash: '12'",
                    "review_status: confirmed, reason: all"));
  EXPECT_EQ(Reason("/a/x", "c", "1234"), "all");
  EXPECT_EQ(Reason("/b/x", "c", "1234"), "-");
  EXPECT_EQ(Reason("/a/x", "d", "1234"), "-");
  EXPECT_EQ(Reason("/a/x", "c", "2134"), "-");
}

TEST_F(ReviewRulesTest, FirstFor_FirstRuleDecides_ForAnyFilters) {
  const std::vector<std::string> filters = {"filepath: '/a*'",
                                            "checker_name: c",
                                            "report_hash: ab",
                                            "report_hash: a, checker_name: c",
                                            "filepath: '*', report_hash: abc",
                                            "report_hash: ''"};
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
  do {
    std::string text = kHead;
    for (const size_t i : order) {
      text += Rule(filters[i], fmt::format("review_status: confirmed, reason: 'r{}'", i));
    }
    Read(text);
    ASSERT_EQ(Reason("/a", "c", "abcd"), fmt::format("r{}", order[0]));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ReviewRulesTest, FirstFor_NoFilter_AppliesToNothing_Warning) {
  Read(std::string(kHead) + "  - filters: {}\n    actions: {review_status: confirmed}\n");
  EXPECT_EQ(Reason("/p", "c", "h"), "-");
  EXPECT_THAT(warnings_, ElementsAre("d/review_status.yaml: line 3, column 14: rule 1: it has no "
                                     "filter, so it applies to no report"));
}

TEST_F(ReviewRulesTest, Read_NumbersAreTexts) {
  Read(kHead + Rule("report_hash: 00123", "review_status: confirmed, reason: 7"));
  EXPECT_EQ(Reason("/p", "c", "00123f"), "7");
}

TEST_F(ReviewRulesTest, Read_ReasonOfSeveralLinesOrNone) {
  Read(
      "$version: 1\nrules:\n- filters: {checker_name: c}\n  actions:\n    review_status: "
      "confirmed\n    reason: |\n      one\n      two\n- filters: {checker_name: d}\n  actions: "
      "{review_status: confirmed, reason: }\n");
  EXPECT_EQ(Reason("/p", "c", "h"), "one\ntwo\n");
  EXPECT_EQ(Reason("/p", "d", "h"), "");
}

TEST_F(ReviewRulesTest, Read_NoRules_IsFine) {
  Read("$version: 1\nrules: []\n");
  EXPECT_EQ(rules_.size(), 0U);
}

TEST_F(ReviewRulesTest, Read_KeyTwice_LastOneCounts) {
  Read(kHead + Rule("checker_name: a, checker_name: b", "review_status: confirmed, reason: x"));
  EXPECT_EQ(Reason("/p", "a", "h"), "-");
  EXPECT_EQ(Reason("/p", "b", "h"), "x");
}

TEST_F(ReviewRulesTest, Read_AnchorsAndMerges) {
  Read(
      "$version: 1\n"
      "rules:\n"
      "- filters: &base {checker_name: c}\n"
      "  actions: &meant {review_status: intentional, reason: base}\n"
      "- filters: {<<: *base, checker_name: d}\n"
      "  actions: {reason: own, <<: *meant}\n"
      "- filters: {checker_name: e}\n"
      "  actions: *meant\n");
  EXPECT_EQ(Reason("/p", "c", "h"), "base");
  EXPECT_EQ(Reason("/p", "d", "h"), "own");
  EXPECT_EQ(Reason("/p", "e", "h"), "base");
}

TEST_F(ReviewRulesTest, Read_UnknownKeys_AreWarnings) {
  Read(
      "$version: 1\nauthor: me\nrules:\n- filters: {checker_name: c}\n  actions: {review_status: "
      "confirmed}\n  note: x\n");
  EXPECT_THAT(warnings_,
              ElementsAre(AllOf(StartsWith("d/review_status.yaml: line 2, column 1"),
                                HasSubstr("\"author\"")),
                          AllOf(StartsWith("d/review_status.yaml: line 6, column 3: rule 1"),
                                HasSubstr("\"note\""))));
}

TEST_F(ReviewRulesTest, Read_Malformed_ErrorNamesPlaceRuleAndFault) {
  const auto expect = [this](const std::string& text, const std::string& place,
                             const std::string& what) {
    EXPECT_THAT(ErrorOf(text),
                AllOf(StartsWith("d/review_status.yaml: " + place), HasSubstr(what)));
  };
  expect("", "it is empty", "\"$version\"");
  expect("# Nothing yet.\n", "it is empty", "\"$version\"");
  expect("- a\n", "line 1", "should be a mapping");
  expect("rules: []\n", "line 1", "\"$version\" is missing");
  expect("$version: 2\nrules: []\n", "line 1, column 11", "should be 1");
  expect("$version: '1'\nrules: []\n", "line 1, column 11", "should be 1");
  expect("$version: 1\n", "line 1", "\"rules\" should be a list");
  expect("$version: 1\nrules:\n", "line 2, column 1", "\"rules\" should be a list");
  expect("$version: 1\nrules: {a: b}\n", "line 2", "\"rules\" should be a list");
  const std::string head = kHead;
  const std::string good = Rule("checker_name: c", "review_status: confirmed");
  expect(head + good + "  - text\n", "line 5, column 5: rule 2", "\"filters\" and \"actions\"");
  expect(head + "  - filters: {checker_name: c}\n", "line 3, column 5: rule 1",
         "\"filters\" and \"actions\"");
  expect(head + "  - actions: {review_status: confirmed}\n", "line 3", "\"filters\"");
  expect(head + "  - filters:\n    actions: {review_status: confirmed}\n", "line 3",
         "\"filters\" should be a mapping");
  expect(head + "  - filters: {checker_name: c}\n    actions:\n", "line 4",
         "\"actions\" should be a mapping");
  expect(head + good + Rule("colour: green", "review_status: confirmed"),
         "line 5, column 15: rule 2", "no filter \"colour\"");
  expect(head + Rule("checker_name: c", "bake: cake"), "line 4", "no action \"bake\"");
  expect(head + Rule("checker_name: c", "reason: x"), "line 4", "\"review_status\" is missing");
  expect(head + Rule("checker_name: c", "review_status: oops"), "line 4",
         "no review_status \"oops\"");
  expect(head + Rule("checker_name: c", "review_status: unreviewed"), "line 4",
         "no review_status \"unreviewed\"");
  expect(head + Rule("filepath: [a, b]", "review_status: confirmed"), "line 3",
         "\"filepath\" should have a text");
  expect(head + Rule("report_hash: ", "review_status: confirmed"), "line 3",
         "\"report_hash\" should have a text");
  expect("$version: 1\n  - filters:\n      checker_name: c\n", "line 2", "not valid YAML");
}

TEST_F(ReviewRulesTest, Read_OverALimit_ErrorNamesTheLimit) {
  std::string text = kHead;
  for (size_t i = 0; i <= ReviewRules::kMaxRules; ++i) {
    text += Rule("checker_name: c", "review_status: confirmed");
  }
  EXPECT_THAT(ErrorOf(text), HasSubstr("limit of 10000"));
  EXPECT_THAT(
      ErrorOf(kHead + Rule("checker_name: " + std::string(5000, 'c'), "review_status: confirmed")),
      HasSubstr("limit of 4096 bytes"));
  EXPECT_THAT(ErrorOf(kHead + Rule("checker_name: c", "review_status: confirmed, reason: " +
                                                          std::string(70'000, 'r'))),
              HasSubstr("limit of 65536 bytes"));
}

TEST_F(ReviewRulesTest, Read_AliasesThatMultiply_AreRefused) {
  std::string text =
      "$version: 1\nrules:\n- &r\n  filters: {checker_name: c}\n  actions: "
      "{review_status: confirmed, reason: " +
      std::string(60'000, 'r') + "}\n";
  for (int i = 0; i < 9000; ++i) text += "- *r\n";
  EXPECT_THAT(ErrorOf(text), HasSubstr("with its aliases"));
  text =
      "$version: 1\nrules:\n- &r {filters: {checker_name: c}, actions: {review_status: confirmed}";
  for (int i = 0; i < 40'000; ++i) text += fmt::format(", k{}: v", i);
  text += "}\n";
  for (int i = 0; i < 9000; ++i) text += "- *r\n";
  EXPECT_THAT(ErrorOf(text), HasSubstr("with its aliases"));
  EXPECT_LE(warnings_.size(), 10U);
  EXPECT_THAT(ErrorOf("$version: 1\nrules:\n- &r {filters: &f {<<: *f}, actions: {}}\n"),
              HasSubstr("\"<<\""));
}

TEST_F(ReviewRulesTest, FirstFor_ThousandsOfHashes_CostAFewLookups) {
  std::string text = kHead;
  for (int i = 0; i < 10'000; ++i) {
    text += fmt::format(
        "- filters: {{report_hash: '{:08x}'}}\n  actions: {{review_status: "
        "confirmed, reason: '{}'}}\n",
        i * 977, i);
  }
  Read(text);
  const std::clock_t begin = std::clock();
  for (int i = 0; i < 10'000; ++i) {
    const ReviewRule* const rule = rules_.FirstFor({}, "c", fmt::format("{:08x}0123", i * 977));
    ASSERT_NE(rule, nullptr);
    ASSERT_EQ(rule->review.comment, std::to_string(i));
  }
  // This is processor time. A walk over all rules, with 50 million comparisons, would take longer.
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 5);
}

TEST_F(ReviewRulesTest, OfPath_Stopped_EndsEarly) {
  Read(kHead + Rule("filepath: '*'", "review_status: confirmed"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(rules_.OfPath("/p", stop.get_token()), IsEmpty());
}

}  // namespace
}  // namespace stored::reports
