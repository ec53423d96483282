#include "reports/sarif/result/suppressions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

Review ReviewOf(std::string_view suppressions, std::string_view tool = "scan") {
  return ReadReport(fmt::format(
                        R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{}"}}}},
                             "results": [{}]}}]}})",
                        tool, ResultOf(fmt::format(R"("suppressions": {})", suppressions))))
      .review;
}

const Review kUnreviewed;

TEST(SarifSuppressions, AllAccepted_AreAFalsePositive) {
  EXPECT_EQ(ReviewOf(R"([{"kind": "external", "justification": "by design"}])"),
            (Review{ReviewStatus::kFalsePositive, "by design", false}));
  EXPECT_EQ(ReviewOf(R"([{"status": "accepted", "kind": "inSource"}])"),
            (Review{ReviewStatus::kFalsePositive, "", true}));
  // The first justification that is not empty.
  EXPECT_EQ(ReviewOf(R"([{"kind": "external"}, {"kind": "inSource", "justification": "a"},
                         {"justification": "b"}])"),
            (Review{ReviewStatus::kFalsePositive, "a", true}));
}

TEST(SarifSuppressions, RejectedInSource_IsConfirmed) {
  EXPECT_EQ(ReviewOf(R"([{"kind": "inSource", "status": "rejected", "justification": "real"}])"),
            (Review{ReviewStatus::kConfirmed, "real", true}));
  EXPECT_EQ(ReviewOf(R"([{"justification": "real", "status": "Rejected", "kind": "insource"}])"),
            (Review{ReviewStatus::kConfirmed, "real", true}));
}

TEST(SarifSuppressions, RejectedExternally_IsConfirmedOnlyInCodeCheckersLogs) {
  constexpr std::string_view kRejected =
      R"([{"kind": "external", "status": "rejected", "justification": "real"}])";
  EXPECT_EQ(ReviewOf(kRejected), kUnreviewed);
  EXPECT_EQ(ReviewOf(kRejected, "CodeChecker"), (Review{ReviewStatus::kConfirmed, "real", false}));
}

TEST(SarifSuppressions, NoneUnderReviewOrContradicting_LeaveItUnreviewed) {
  for (const std::string_view suppressions :
       {R"([])", R"(null)", R"([{"kind": "external", "status": "underReview"}])",
        R"([{"kind": "inSource"}, {"kind": "inSource", "status": "underReview"}])",
        R"([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}])",
        R"([{"kind": "inSource"}, {"kind": "inSource", "status": "rejected"}])"}) {
    EXPECT_EQ(ReviewOf(suppressions), kUnreviewed) << suppressions;
  }
}

}  // namespace
}  // namespace stored::reports
