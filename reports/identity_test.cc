#include "reports/identity.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/sha256.h"

namespace stored::reports {
namespace {

class Paths final : public FilePaths {
 public:
  explicit Paths(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  std::string_view Path(FileIndex file) const override { return paths_[file]; }

 private:
  std::vector<std::string> paths_;
};

Report SampleToIdentify() {
  Report report;
  report.report_hash = "hash";
  report.checker_name = "checker";
  report.message = "message";
  report.location = {.file = 0, .line = 3, .column = 5};
  report.bug_path.events = {{.location = {.file = 0, .line = 1, .column = 2},
                             .message = "first",
                             .depth = 0,
                             .ranges = {}},
                            {.location = {.file = 1, .line = 3, .column = 5},
                             .message = "last",
                             .depth = 0,
                             .ranges = {}}};
  report.annotations = {{"testcase", "t"}, {"timestamp", "now"}};
  return report;
}

ReportIdentity Identity(const Report& report) {
  return IdentityOf(report, Paths({"/a.c", "/b.c", "/a.c"}));
}

ReportIdentity IdentityWhen(const std::function<void(Report&)>& change) {
  Report report = SampleToIdentify();
  change(report);
  return Identity(report);
}

TEST(Identity, IdentityOf_EachPartOfIt_Counts) {
  const ReportIdentity same = Identity(SampleToIdentify());
  EXPECT_EQ(Identity(SampleToIdentify()), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.report_hash = "h"; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.checker_name = "c"; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.bug_path.events[0].location.line = 9; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.bug_path.events[0].location.column = 9; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.bug_path.events[0].location.file = 1; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.bug_path.events[1].message = "m"; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.bug_path.events.pop_back(); }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { std::swap(r.bug_path.events[0], r.bug_path.events[1]); }),
            same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.annotations[0].value = "u"; }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.annotations.pop_back(); }), same);
  EXPECT_NE(IdentityWhen([](Report& r) { r.discriminator = 1; }), same);
}

TEST(Identity, IdentityOf_OtherFields_DoNotCount) {
  const ReportIdentity same = Identity(SampleToIdentify());
  EXPECT_EQ(IdentityWhen([](Report& r) { r.category = "c"; }), same);
  EXPECT_EQ(IdentityWhen([](Report& r) { r.analyzer_name = "a"; }), same);
  EXPECT_EQ(IdentityWhen([](Report& r) { r.bug_path.notes = r.bug_path.events; }), same);
  EXPECT_EQ(IdentityWhen([](Report& r) { r.bug_path.positions.emplace_back(); }), same);
  EXPECT_EQ(IdentityWhen([](Report& r) { std::swap(r.annotations[0], r.annotations[1]); }), same)
      << "annotations have no order";
  EXPECT_EQ(IdentityWhen([](Report& r) { r.bug_path.events[0].location.file = 2; }), same)
      << "another index, the same path";
}

TEST(Identity, IdentityOf_NoEvents_OwnPlaceAndMessageCount) {
  Report report = SampleToIdentify();
  report.bug_path.events.clear();
  const ReportIdentity identity = Identity(report);
  report.location.line = 99;
  EXPECT_NE(Identity(report), identity);
  report = SampleToIdentify();
  report.bug_path.events.clear();
  report.message = "another";
  EXPECT_NE(Identity(report), identity);
}

// Databases keep identities.
TEST(Identity, IdentityOf_ASample_NeverChanges) {
  EXPECT_EQ(ToHex(Identity(SampleToIdentify()).Raw()), "7f046bfea779a706ee92e4b7e99b6fe7");
}

// Text that moves from one field to the next must not yield the same bytes.
TEST(Identity, IdentityOf_TextMovedToTheNextField_AnotherReport) {
  Report a = SampleToIdentify();
  a.report_hash = "ab";
  a.checker_name = "c";
  Report b = SampleToIdentify();
  b.report_hash = "a";
  b.checker_name = "bc";
  EXPECT_NE(Identity(a), Identity(b));
}

std::string Hash(const Report& report, const HashBasis& basis, std::string_view line) {
  return ComputeReportHash(report, "/src/a.c", basis, line);
}

TEST(Identity, ComputeReportHash_SourceLine_WithoutWhiteSpaceAndPlace) {
  Report moved = SampleToIdentify();
  moved.location = {.file = 0, .line = 99, .column = 1};
  const std::string hash = Hash(SampleToIdentify(), {}, "  f( x );");
  EXPECT_EQ(hash.size(), 32U);
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(Hash(moved, {}, "f(x);\r"), hash);
  EXPECT_NE(Hash(moved, {}, "f(y);"), hash);
  EXPECT_EQ(ComputeReportHash(SampleToIdentify(), "/elsewhere/a.c", {}, "f(x);"), hash)
      << "its name counts";
  EXPECT_NE(ComputeReportHash(SampleToIdentify(), "/src/b.c", {}, "f(x);"), hash);
  moved.message = "another";
  EXPECT_NE(Hash(moved, {}, "f(x);"), hash);
}

TEST(Identity, ComputeReportHash_NoSource_SnippetThenPlace) {
  const HashBasis snippet{.partial_fingerprints = "", .snippet = " f(x);"};
  EXPECT_EQ(Hash(SampleToIdentify(), snippet, ""), Hash(SampleToIdentify(), {}, "f(x);"));
  EXPECT_EQ(Hash(SampleToIdentify(), snippet, "g();"), Hash(SampleToIdentify(), {}, "g();"));
  Report moved = SampleToIdentify();
  moved.location.line = 99;
  EXPECT_NE(Hash(moved, {}, ""), Hash(SampleToIdentify(), {}, ""));
}

TEST(Identity, ComputeReportHash_NoFile_LogicalLocationInItsPlace) {
  Report report = SampleToIdentify();
  report.logical_location = "ns::f";
  Report other = report;
  other.logical_location = "ns::g";
  HashBasis fingerprints;
  fingerprints.partial_fingerprints = "p=1";
  for (const HashBasis& basis : {HashBasis(), fingerprints}) {
    EXPECT_EQ(ComputeReportHash(report, "", basis, ""), ComputeReportHash(report, "", basis, ""));
    EXPECT_NE(ComputeReportHash(report, "", basis, ""), ComputeReportHash(other, "", basis, ""));
    // Findings in a file keep the hash they had before logical locations were introduced.
    EXPECT_EQ(ComputeReportHash(report, "/src/a.c", basis, ""),
              ComputeReportHash(other, "/src/a.c", basis, ""));
  }
}

TEST(Identity, ComputeReportHash_PartialFingerprints_DecideWithCheckerAndPath) {
  const HashBasis basis{.partial_fingerprints = "lineHash=12", .snippet = ""};
  const std::string hash = Hash(SampleToIdentify(), basis, "f(x);");
  Report other = SampleToIdentify();
  other.message = "worded differently";
  EXPECT_EQ(Hash(other, basis, "g();"), hash);
  other.checker_name = "c";
  EXPECT_NE(Hash(other, basis, "g();"), hash);
  EXPECT_NE(ComputeReportHash(SampleToIdentify(), "/other/a.c", basis, "f(x);"), hash);
  EXPECT_NE(
      Hash(SampleToIdentify(), {.partial_fingerprints = "lineHash=13", .snippet = ""}, "f(x);"),
      hash);
}

}  // namespace
}  // namespace stored::reports
