// Bundles that are damaged, break the rules of the format, or exceed a limit.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "reports/bundle/testing/bundle_test_case.h"

namespace stored::reports {
namespace {

TEST_F(BundleTest, CutAnywhere_IsRefused) {
  WriteSample();
  const std::string whole = *ReadFile(path_, 1 << 20);
  for (size_t size = 0; size < whole.size(); ++size) {
    WriteBytes(std::string_view(whole).substr(0, size));
    EXPECT_EQ(Read().code(), absl::StatusCode::kInvalidArgument) << size;
  }
}

TEST_F(BundleTest, AnyByteChanged_IsRefused) {
  WriteSample();
  const std::string whole = *ReadFile(path_, 1 << 20);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    WriteBytes(damaged);
    // The frame has a checksum, so every change is noticed.
    EXPECT_FALSE(Read().ok()) << i;
  }
}

TEST_F(BundleTest, SomethingAfterTheEnd_IsRefused) {
  WriteSample();
  WriteBytes(*ReadFile(path_, 1 << 20) + "more");
  EXPECT_EQ(Read().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(BundleTest, RecordsOutOfPlace_AreRefused) {
  const std::vector<std::vector<v1::BundleRecord>> bad = {
      {},
      {End(0, 0)},
      {Header()},
      {Header(), Header(), End(0, 0)},
      {Header(0), End(0, 0)},
      {Header(3), End(0, 0)},
      {File("a.c"), Header(), End(1, 0)},
      {Header(), End(0, 0), File("a.c")},
      {Header(), File("a.c"), ReportRecord(1), End(1, 1)},
      {Header(), ReportRecord(0), File("a.c"), End(1, 1)},
      {Header(), File("a.c"), ReportRecord(0), End(1, 2)},
      {Header(1), File(""), End(1, 0)},
      {Header(), File("a.c"), WithoutDigest(ReportRecord(0)), End(1, 1)},
      {Header(), v1::BundleRecord(), End(0, 0)},
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    WriteRecords(bad[i]);
    EXPECT_EQ(Read().code(), absl::StatusCode::kInvalidArgument) << i;
  }
  WriteRecords({Header(), File("a.c"), ReportRecord(0), End(1, 1)});
  EXPECT_TRUE(Read().ok());
}

TEST_F(BundleTest, ContentWithWrongDigestOrSize_IsRefused) {
  for (const bool wrong_size : {false, true}) {
    v1::BundleRecord content;
    content.mutable_content()->set_sha256(std::string(Sha256::Of("other").Raw()));
    content.mutable_content()->set_zstd(Zstd(source_));
    content.mutable_content()->set_size(source_.size() + (wrong_size ? 1 : 0));
    WriteRecords({Header(), content, End(0, 0)});
    EXPECT_EQ(Read().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(BundleTest, StepsOfFurtherPaths_AreBoundedInAll) {
  v1::BundleRecord report = ReportRecord(0);
  for (int i = 0; i < 10; ++i) {
    v1::BundledSteps& steps = *report.mutable_report()->mutable_bug_path()->add_further_paths();
    for (int step = 0; step < 100; ++step) steps.add_events();
  }
  WriteRecords({Header(), File("a.c"), report, End(1, 1)});
  Limits limits;
  limits.max_bug_path_items = 1000;
  EXPECT_TRUE(Read(limits).ok());
  limits.max_bug_path_items = 999;
  EXPECT_EQ(Read(limits).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(BundleTest, LongText_NamesTheReportAndTheLimit) {
  WriteRecords({Header(), File("a.c"), ReportRecord(0), ReportRecord(0, std::string(1 << 20, 'x')),
                End(1, 2)});
  const absl::Status status = Read();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(status.message().find("report 1"), absl::string_view::npos) << status;
}

TEST_F(BundleTest, Bomb_IsStoppedByRatioAndByTotal) {
  Limits limits;
  limits.max_text_bytes = 16 << 20;
  std::vector<v1::BundleRecord> records = {Header(), File("a.c")};
  for (int i = 0; i < 8; ++i) records.push_back(ReportRecord(0, std::string(1 << 20, 'x')));
  records.push_back(End(1, 8));
  WriteRecords(records);
  EXPECT_TRUE(Read(limits).ok());
  limits.max_unpacked_bytes = 4 << 20;
  EXPECT_EQ(Read(limits).code(), absl::StatusCode::kResourceExhausted);
  limits.max_unpacked_bytes = 1 << 30;
  limits.ratio_grace_bytes = 1 << 20;
  EXPECT_EQ(Read(limits).code(), absl::StatusCode::kResourceExhausted);
}

// A few kilobytes that would take gigabytes of memory.
TEST_F(BundleTest, RecordsOfNothing_AreStoppedBeforeTheyTakeMemory) {
  v1::BundleRecord report = ReportRecord(0);
  for (int i = 0; i < 100'000; ++i) report.mutable_report()->mutable_bug_path()->add_events();
  WriteRecords({Header(), File("a.c"), report, End(1, 1)});
  EXPECT_EQ(Read().code(), absl::StatusCode::kResourceExhausted);

  for (int i = 0; i < 5'000'000; ++i) report.mutable_report()->mutable_bug_path()->add_events();
  WriteRecords({Header(), File("a.c"), report, End(1, 1)});
  const absl::Status large = Read();
  EXPECT_EQ(large.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(large.message().find("record of"), absl::string_view::npos) << large;

  std::vector<v1::BundleRecord> records = {Header()};
  v1::BundleRecord analysis;
  analysis.mutable_analysis();
  records.insert(records.end(), 10'001, analysis);
  records.push_back(End(0, 0));
  WriteRecords(records);
  EXPECT_EQ(Read().code(), absl::StatusCode::kResourceExhausted);
  records.pop_back();
  records.pop_back();
  records.push_back(End(0, 0));
  WriteRecords(records);
  EXPECT_TRUE(Read().ok());

  records = {Header()};
  for (int i = 0; i < 33'000; ++i) records.push_back(File(std::string(4090, 'x')));
  records.push_back(End(33'000, 0));
  Limits no_ratio;
  no_ratio.max_unpack_ratio = 1'000'000;
  WriteRecords(records);
  EXPECT_EQ(Read(no_ratio).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(BundleTest, MoreThanReadersKeep_IsNeitherReadNorWritten) {
  v1::BundleRecord header;
  header.mutable_header()->set_format_version(kBundleFormatVersion);
  v1::BundleRecord analysis;
  analysis.mutable_analysis()->set_tool_name("t");
  std::vector<v1::BundleRecord> records(kMaxAnalyses + 2, analysis);
  records.front() = header;
  WriteRecords(records);
  EXPECT_TRUE(absl::IsResourceExhausted(Read())) << Read();

  absl::StatusOr<UniqueFd> fd = OpenFile(path_, O_CREAT | O_TRUNC | O_RDWR);
  ASSERT_TRUE(fd.ok());
  BundleWriter writer(fd->get(), path_);
  for (uint32_t i = 0; i < kMaxAnalyses; ++i) {
    ASSERT_TRUE(writer.AddAnalysis({.tool_name = "t"}).ok()) << i;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(writer.AddAnalysis({.tool_name = "t"})));
  const std::string path(size_t{64} << 10, 'p');
  for (size_t bytes = 0; bytes < kMaxTotalPathBytes; bytes += path.size()) {
    ASSERT_TRUE(writer.AddFile({path, ""}).ok()) << bytes;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(writer.AddFile({"one more", ""})));
}

}  // namespace
}  // namespace stored::reports
