#include "reports/content_digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace stored::reports {
namespace {

Report SampleToDigest() {
  Report report;
  report.report_hash = "hash";
  report.checker_name = "checker";
  report.analyzer_name = "analyzer";
  report.category = "category";
  report.type = "type";
  report.message = "message";
  report.severity = Severity::kLow;
  report.location = {.file = 0, .line = 3, .column = 5};
  report.logical_location = "f()";
  report.bug_path.events = {{{0, 1, 2}, "event", 1, {{0, 1, 2, 3, 4}}}};
  report.bug_path.positions = {{0, 1, 2, 3, 4}};
  report.bug_path.notes = {{{0, 7, 8}, "note", 0, {}}};
  report.bug_path.macro_expansions = {{{0, 9, 9}, "M", "m"}};
  report.bug_path.further_paths = {{{{0, 4, 5}, "step", 0, {}}}};
  report.annotations = {{"key", "value"}};
  return report;
}

uint64_t Digest(const Report& report) {
  ContentDigester digester;
  digester.AddFile("/a.c");
  digester.AddFile("/b.c");
  digester.AddFile("/a.c");
  return digester.DigestOf(report);
}

TEST(ContentDigest, EachField_Counts) {
  const std::vector<std::function<void(Report&)>> changes = {
      [](Report& r) { r.analyzer_name = ""; },
      [](Report& r) { r.category = "c"; },
      [](Report& r) { r.type = "t"; },
      [](Report& r) { r.message = "m"; },
      [](Report& r) { r.severity = Severity::kHigh; },
      [](Report& r) { r.severity_is_default = true; },
      [](Report& r) { r.location.file = 1; },
      [](Report& r) { r.location.line = 9; },
      [](Report& r) { r.location.column = 9; },
      [](Report& r) { r.logical_location = "g()"; },
      [](Report& r) { r.bug_path.events[0].depth = 0; },
      [](Report& r) { r.bug_path.events[0].ranges[0].end_column = 9; },
      [](Report& r) { r.bug_path.positions[0].start_line = 9; },
      [](Report& r) { r.bug_path.notes[0].location.line = 9; },
      [](Report& r) { r.bug_path.notes[0].message = "n"; },
      [](Report& r) { r.bug_path.macro_expansions[0].expansion = "n"; },
      [](Report& r) { r.bug_path.further_paths[0][0].message = "s"; },
      [](Report& r) { r.bug_path.further_paths.emplace_back(); },
  };
  const uint64_t same = Digest(SampleToDigest());
  EXPECT_EQ(Digest(SampleToDigest()), same);
  for (size_t i = 0; i < changes.size(); ++i) {
    Report report = SampleToDigest();
    changes[i](report);
    EXPECT_NE(Digest(report), same) << i;
  }
}

TEST(ContentDigest, ReviewIdentityAndIndices_DoNotCount) {
  const uint64_t same = Digest(SampleToDigest());
  Report report = SampleToDigest();
  report.review = {ReviewStatus::kIntentional, "by design", true};
  report.content_digest = 5;
  report.discriminator = 1;
  report.report_hash = report.checker_name = "another";
  report.bug_path.events[0].message = report.annotations[0].value = "another";
  report.bug_path.events[0].location.line = 99;
  report.location.file = 2;
  EXPECT_EQ(Digest(report), same) << "another index, the same path";
}

TEST(ContentDigest, Context_IsLogicalLocationNotesAndFurtherPaths) {
  ContentDigester digester;
  digester.AddFile("/a.c");
  digester.AddFile("/b.c");
  const uint64_t same = digester.ContextDigestOf(SampleToDigest());
  EXPECT_NE(digester.ContextDigestOf(Report()), 0U);
  Report report = SampleToDigest();
  report.message = "m";
  report.location.line = 9;
  EXPECT_EQ(digester.ContextDigestOf(report), same);
  report.logical_location = "g()";
  EXPECT_NE(digester.ContextDigestOf(report), same);
  report = SampleToDigest();
  report.bug_path.notes[0].location.file = 1;
  EXPECT_NE(digester.ContextDigestOf(report), same);
  report = SampleToDigest();
  report.bug_path.further_paths[0][0].location.column = 1;
  EXPECT_NE(digester.ContextDigestOf(report), same);
}

// Databases and bundles keep the digest, so another value would make every report count as changed.
TEST(ContentDigest, DigestOfASample_NeverChanges) {
  EXPECT_EQ(Digest(SampleToDigest()), 0x77dadcd5607bf0b6U);
}

}  // namespace
}  // namespace stored::reports
