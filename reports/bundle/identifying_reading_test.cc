// Readings of a bundle with ReportExtent::kIdentifying.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "reports/bundle/testing/bundle_test_case.h"
#include "reports/bundle/wire.h"

namespace stored::reports {
namespace {

// Returns the fields of a report that ReportExtent::kIdentifying promises, and no others.
Report Identifying(const Report& whole) {
  Report report;
  report.report_hash = whole.report_hash;
  report.checker_name = whole.checker_name;
  report.message = whole.message;
  report.location = whole.location;
  for (const BugPathEvent& event : whole.bug_path.events) {
    report.bug_path.events.push_back({event.location, event.message, 0, {}});
  }
  report.annotations = whole.annotations;
  report.review = whole.review;
  report.discriminator = whole.discriminator;
  report.content_digest = whole.content_digest;
  return report;
}

TEST_F(BundleTest, IdentifyingReading_HasThatOfReports_AndAllElse_Once) {
  WriteSample();
  BundleReader reader(path_, {});
  RecordingSink sink;
  ASSERT_TRUE(reader.Open(ReportExtent::kIdentifying)->ReadInto(sink).ok());
  EXPECT_EQ(sink.reports, std::vector<Report>{Identifying(FullReport())});
  EXPECT_EQ(sink.analyses, std::vector<Analysis>{analysis_});
  EXPECT_EQ(sink.files.size(), 2u);
  EXPECT_EQ(sink.contents.size(), 1u);
  EXPECT_TRUE(sink.finished);
  RecordingSink next;
  ASSERT_TRUE(reader.ReadInto(next).ok());
  EXPECT_EQ(next.reports, std::vector<Report>{FullReport()});
}

// Both kinds of reading must agree on reports in any encoding that protobuf accepts.
TEST_F(BundleTest, IdentifyingReading_OfAnyBytes_AgreesWithAWholeOne) {
  WriteSample();
  RecordingSink sink;
  ASSERT_TRUE(BundleReader(path_, {}).ReadInto(sink).ok());
  v1::BundledReport message;
  wire::ToWire(sink.reports.at(0), message);
  const std::string encoded = message.SerializeAsString();
  std::mt19937 random(5);
  size_t whole_ones = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string changed = encoded;
    // Repeats fields, removes pieces and changes bytes.
    if (round % 3 == 0) changed += encoded.substr(0, random() % encoded.size());
    if (round % 3 == 1) changed.erase(random() % changed.size(), random() % 9);
    for (unsigned change = random() % 3; change > 0; --change) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    v1::BundledReport parsed;
    if (!parsed.ParseFromString(changed)) continue;
    ++whole_ones;
    Report identifying;
    ASSERT_TRUE(wire::IdentifyingFromWire(changed, 100, identifying)) << round;
    ASSERT_TRUE(identifying == Identifying(wire::FromWire(parsed))) << round;
  }
  EXPECT_GT(whole_ones, 5'000u);
}

TEST_F(BundleTest, IdentifyingReading_IsBounded) {
  v1::BundleRecord many = ReportRecord(0);
  for (int i = 0; i < 1000; ++i) many.mutable_report()->mutable_bug_path()->add_events();
  WriteRecords({Header(), File("a.c"), many, End(1, 1)});
  Limits limits;
  limits.max_bug_path_items = 999;
  BundleReader reader(path_, limits);
  RecordingSink sink;
  EXPECT_EQ(reader.Open(ReportExtent::kIdentifying)->ReadInto(sink).code(),
            absl::StatusCode::kResourceExhausted);
  Report report;
  ASSERT_TRUE(wire::IdentifyingFromWire(many.report().SerializeAsString(), 10, report));
  EXPECT_EQ(report.bug_path.events.size(), 11u);
}

}  // namespace
}  // namespace stored::reports
