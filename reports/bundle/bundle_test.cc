#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reports/bundle/bug_path_codec.h"
#include "reports/bundle/testing/bundle_test_case.h"
#include "reports/bundle/wire.h"
#include "reports/content_digest.h"

namespace stored::reports {
namespace {

TEST_F(BundleTest, RoundTrip_EveryFieldComesBack_AndCanBeReadTwice) {
  WriteSample();
  BundleReader reader(path_, {});
  for (int round = 0; round < 2; ++round) {
    RecordingSink sink;
    ASSERT_TRUE(reader.ReadInto(sink).ok());
    EXPECT_EQ(sink.analyses, std::vector<Analysis>{analysis_});
    ASSERT_EQ(sink.files.size(), 2u);
    EXPECT_EQ(sink.files[0].path, "src/a.c");
    EXPECT_EQ(sink.files[0].sha256, Sha256::Of(source_).Raw());
    EXPECT_EQ(sink.files[1], (SourceFile{"src/b.h", ""}));
    EXPECT_EQ(sink.reports, std::vector<Report>{FullReport()});
    EXPECT_EQ(sink.contents.size(), 1u);
    EXPECT_EQ(sink.summary.diagnostics, 17u);
    EXPECT_EQ(sink.summary.result_files, 3u);
    EXPECT_EQ(sink.summary.analyzed_files, 120u);
    EXPECT_EQ(sink.summary.failed_files, 2u);
    EXPECT_EQ(sink.summary.warnings, std::vector<std::string>{"one warning"});
    EXPECT_TRUE(sink.finished);
  }
}

TEST_F(BundleTest, ManyRecords_CrossEveryBuffer) {
  absl::StatusOr<UniqueFd> fd = OpenFile(path_, O_CREAT | O_TRUNC | O_RDWR);
  ASSERT_TRUE(fd.ok());
  BundleWriter writer(fd->get(), path_);
  ASSERT_TRUE(writer.AddFile({"a.c", ""}).ok());
  ASSERT_TRUE(writer.AddFile({"b.c", ""}).ok());
  for (int i = 0; i < 5000; ++i) {
    Report report = FullReport();
    report.message = std::string(static_cast<size_t>(i % 997), 'x') + std::to_string(i);
    ASSERT_TRUE(writer.AddReport(report).ok());
  }
  ASSERT_TRUE(writer.Finish({}).ok());
  RecordingSink sink;
  ASSERT_TRUE(BundleReader(path_, {}).ReadInto(sink).ok());
  ASSERT_EQ(sink.reports.size(), 5000u);
  EXPECT_EQ(sink.reports[4999].message, std::string(4999 % 997, 'x') + "4999");
}

TEST_F(BundleTest, FileWithoutPath_IsAccepted) {
  WriteRecords({Header(), File(""), ReportRecord(0), End(1, 1)});
  RecordingSink sink;
  ASSERT_TRUE(BundleReader(path_, {}).ReadInto(sink).ok());
  EXPECT_EQ(sink.files, std::vector<SourceFile>{SourceFile{}});
}

// Bundles of version 1 may be in the spool, and older clients send them.
TEST_F(BundleTest, FormatVersion1_IsRead_AndGetsTheDigestsOfTheNext) {
  v1::BundleRecord report;
  wire::ToWire(FullReport(), *report.mutable_report());
  report = WithoutDigest(report);
  const std::vector<v1::BundleRecord> rest = {File("src/a.c"), File("src/b.h"), report, End(2, 1)};
  std::vector<v1::BundleRecord> records = {Header(1)};
  records.insert(records.end(), rest.begin(), rest.end());
  WriteRecords(records);
  EXPECT_TRUE(CheckBundleHead(*ReadFile(path_, 1 << 20)).ok());
  ContentDigester digester;
  digester.AddFile("src/a.c");
  digester.AddFile("src/b.h");
  Report expected = FullReport();
  expected.content_digest = digester.DigestOf(expected);
  BundleReader reader(path_, {});
  for (const ReportExtent extent : {ReportExtent::kAll, ReportExtent::kIdentifying}) {
    RecordingSink sink;
    ASSERT_TRUE(reader.Open(extent)->ReadInto(sink).ok());
    EXPECT_EQ(sink.reports, std::vector<Report>{expected});
  }
}

TEST_F(BundleTest, Writer_ComputesMissingDigests) {
  absl::StatusOr<UniqueFd> fd = OpenFile(path_, O_CREAT | O_TRUNC | O_RDWR);
  ASSERT_TRUE(fd.ok());
  BundleWriter writer(fd->get(), path_);
  ASSERT_TRUE(writer.AddFile({"src/a.c", ""}).ok());
  ASSERT_TRUE(writer.AddFile({"src/b.h", ""}).ok());
  Report report = FullReport();
  report.content_digest = 0;
  ASSERT_TRUE(writer.AddReport(report).ok());
  ASSERT_TRUE(writer.Finish({}).ok());
  ContentDigester digester;
  digester.AddFile("src/a.c");
  digester.AddFile("src/b.h");
  RecordingSink sink;
  ASSERT_TRUE(BundleReader(path_, {}).ReadInto(sink).ok());
  ASSERT_EQ(sink.reports.size(), 1u);
  EXPECT_EQ(sink.reports[0].content_digest, digester.DigestOf(report));
}

TEST_F(BundleTest, CheckBundleHead_AcceptsOnlyBundles) {
  WriteSample();
  EXPECT_TRUE(CheckBundleHead(*ReadFile(path_, 1 << 20)).ok());
  EXPECT_EQ(CheckBundleHead("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckBundleHead("PK\x03\x04").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckBundleHead(Zstd("hello")).code(), absl::StatusCode::kInvalidArgument);
  WriteRecords({Header(7)});
  EXPECT_NE(CheckBundleHead(*ReadFile(path_, 1 << 20)).message().find("version 7"),
            absl::string_view::npos);
}

TEST(BugPathCodecTest, RoundTrip_AndDamageIsNoticed) {
  const BugPath bug_path = FullReport().bug_path;
  EXPECT_EQ(*DecodeBugPath(EncodeBugPath(bug_path)), bug_path);
  EXPECT_EQ(*DecodeBugPath(EncodeBugPath({})), BugPath{});
  EXPECT_EQ(DecodeBugPath("\xff\xff").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace stored::reports
