// Tests which findings are one bug and which are two, if the format gives no report hash, or one
// that several results share.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reports/collect/testing/collector_test_case.h"
#include "reports/identity.h"

namespace stored::reports {
namespace {

using ::testing::SizeIs;

class ToldApartTest : public CollectorTest {
 protected:
  // Adds a finding without a hash at each place, and the source they are in.
  void UsePlist(const std::string& source, const std::vector<Finding>& findings) {
    inputs_.files.clear();
    UseSources({{"/x/a.c", source}});
    AddInput("1.plist", Plist({"/x/a.c"}, findings));
  }
  void UseSarif(std::string_view results) {
    inputs_.files.clear();
    AddInput("1.sarif",
             fmt::format(R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "t"}}}},
                           "results": [{}]}}]}})",
                         results),
             InputFile::Format::kSarif);
  }
  std::vector<std::string> Hashes() {
    const absl::Status status = Run();
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> hashes;
    for (const Report& report : sink_->reports) hashes.push_back(report.report_hash);
    return hashes;
  }
  std::set<std::string> Bugs() {
    const std::vector<std::string> hashes = Hashes();
    return {hashes.begin(), hashes.end()};
  }
};

Finding At(int line, int column) {
  return {.checker = "c", .hash = "", .file = 0, .line = line, .message = "m", .column = column};
}

// Returns a SARIF result of rule R at a.c:3 with these further properties.
std::string Result(std::string_view more, std::string_view place = R"("startLine": 3)") {
  return fmt::format(R"({{"ruleId": "R", "message": {{"text": "m"}}, "locations": [
      {{"physicalLocation": {{"artifactLocation": {{"uri": "a.c"}}, "region": {{{}}}}}}}]{}{}}})",
                     place, more.empty() ? "" : ", ", more);
}

TEST_F(ToldApartTest, RepeatedLine_InAnotherColumn_IsAnotherBug) {
  UsePlist("f(x);\n  f(x);\n", {At(1, 1), At(2, 3)});
  EXPECT_THAT(Bugs(), SizeIs(2));
  UsePlist("f(x); f(x);\n", {At(1, 1), At(1, 7)});
  EXPECT_THAT(Bugs(), SizeIs(2));
}

TEST_F(ToldApartTest, RepeatedLine_WithOtherWhiteSpace_IsAnotherBug) {
  UsePlist("f(x);\nf( x );\n", {At(1, 1), At(2, 1)});
  EXPECT_THAT(Bugs(), SizeIs(2));
}

// CodeChecker also takes them for one bug: neither its hash nor ours contains the line number.
TEST_F(ToldApartTest, RepeatedLine_InTheSameColumn_IsOneBugWithTwoReports) {
  UsePlist("f(x);\nf(x);\n", {At(1, 1), At(2, 1)});
  EXPECT_THAT(Bugs(), SizeIs(1));
  EXPECT_THAT(sink_->reports, SizeIs(2));
}

TEST_F(ToldApartTest, SingleFinding_HasTheHashOfOlderVersions) {
  Report report;
  report.checker_name = "c";
  report.message = "m";
  const std::string hash = ComputeReportHash(report, "/x/a.c", {}, "f(x);");
  UsePlist("f(x);\n", {At(1, 1)});
  EXPECT_EQ(Hashes(), std::vector<std::string>{hash});
  UsePlist("\n\n    f( x );\n", {At(3, 5)});
  EXPECT_EQ(Hashes(), std::vector<std::string>{hash}) << "moved and indented";
  UsePlist("f(x);\n  f(x);\n", {At(1, 1), At(2, 3)});
  EXPECT_EQ(Hashes().front(), hash) << "the first of several";
}

TEST_F(ToldApartTest, RepeatedLines_IndentedTogetherOrMoved_KeepTheirHashes) {
  UsePlist("f(x);\n  f(x);\n    f(x);\n", {At(1, 1), At(2, 3), At(3, 5)});
  const std::vector<std::string> hashes = Hashes();
  EXPECT_THAT(std::set<std::string>(hashes.begin(), hashes.end()), SizeIs(3));
  UsePlist("\n\n\tf(x);\n\t  f(x);\n\t    f(x);\n", {At(3, 2), At(4, 4), At(5, 6)});
  EXPECT_EQ(Hashes(), hashes);
}

// A finding in a header comes with every file that includes it, at different places of their lists.
TEST_F(ToldApartTest, RepeatedLineOfAHeader_IsTheSameBugFromEveryFile) {
  UseSources({{"/x/a.h", "f(x);\n  f(x);\n"}});
  AddInput("1.plist", Plist({"/x/a.h"}, {At(1, 1), At(2, 3)}));
  AddInput("2.plist", Plist({"/x/a.h"}, {At(2, 3)}));
  AddInput("3.plist", Plist({"/x/a.h"}, {At(2, 3), At(1, 1)}));
  EXPECT_THAT(Hashes(), SizeIs(2));
  EXPECT_THAT(Bugs(), SizeIs(2));
}

TEST_F(ToldApartTest, GivenHash_IsNeverNumbered) {
  UseSources({{"/x/a.c", "f(x);\n  f(x);\n"}});
  AddInput("1.plist", Plist({"/x/a.c"}, {{.hash = "given", .line = 1, .column = 1},
                                         {.hash = "given", .line = 2, .column = 3}}));
  EXPECT_THAT(Bugs(), testing::ElementsAre("given"));
  EXPECT_THAT(sink_->reports, SizeIs(2));
}

TEST_F(ToldApartTest, Sarif_OtherLogicalOrRelatedLocation_IsAnotherFinding) {
  const std::string related =
      R"("relatedLocations": [{"message": {"text": "from here"}, "physicalLocation": {
          "artifactLocation": {"uri": "a.c"}, "region": {"startLine": 9}}}])";
  UseSarif(Result("") + "," + Result(related));
  EXPECT_THAT(Bugs(), SizeIs(2));
  UseSarif(Result(related) + "," + Result(related));
  EXPECT_THAT(Hashes(), SizeIs(1)) << "the same twice is one";
}

TEST_F(ToldApartTest, Sarif_OneFingerprintOtherContext_IsOneBugWithTwoReports) {
  const std::string fingerprint = R"("fingerprints": {"id": "0123"})";
  const std::string related =
      R"("relatedLocations": [{"message": {"text": "from here"}, "physicalLocation": {
          "artifactLocation": {"uri": "a.c"}, "region": {"startLine": 9}}}])";
  UseSarif(Result(fingerprint) + "," + Result(fingerprint + "," + related) + "," +
           Result(fingerprint));
  EXPECT_THAT(Bugs(), SizeIs(1));
  ASSERT_THAT(sink_->reports, SizeIs(2));
  EXPECT_EQ(sink_->reports[0].discriminator, 0U);
  EXPECT_EQ(sink_->reports[1].discriminator, 1U);
}

TEST_F(ToldApartTest, Plist_NotesDoNotTellReportsApart) {
  AddInput("1.plist", Plist({"/x/a.c"}, {{}}));
  AddInput("2.plist", Plist({"/x/a.c"}, {{}}));
  ASSERT_TRUE(Run().ok());
  ASSERT_THAT(sink_->reports, SizeIs(1));
  EXPECT_EQ(sink_->reports[0].discriminator, 0U);
}

TEST_F(ToldApartTest, EveryReport_HasAContentDigest_ThatFollowsItsContent) {
  UsePlist("f(x);\n", {{.hash = "h", .message = "m"}});
  ASSERT_TRUE(Run().ok());
  const uint64_t digest = sink_->reports.at(0).content_digest;
  EXPECT_NE(digest, 0U);
  inputs_.checker_analyzers = {CheckerAnalyzers{{"c", "clangsa"}}};
  inputs_.files.back().checker_analyzers = 0;
  ASSERT_TRUE(Run().ok());
  EXPECT_NE(sink_->reports.at(0).content_digest, digest) << "its analyzer is known now";
}

}  // namespace
}  // namespace stored::reports
