#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "base/sha256.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/bundle/bundle_format.h"
#include "reports/bundle/bundle_reader.h"
#include "reports/bundle/bundle_writer.h"
#include "reports/bundle/wire.h"
#include "reports/content_digest.h"
#include "stored/v1/bundle.pb.h"

namespace stored::reports {
namespace {

// Keeps what it is given.
class RecordingSink final : public ReportSink {
 public:
  absl::Status AddAnalysis(Analysis analysis) override {
    analyses.push_back(std::move(analysis));
    return absl::OkStatus();
  }
  absl::Status AddFile(SourceFile file) override {
    files.push_back(std::move(file));
    return absl::OkStatus();
  }
  absl::Status AddReport(Report report) override {
    reports.push_back(std::move(report));
    return absl::OkStatus();
  }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    contents.push_back(fmt::format("{} {} {}", ToHex(sha256), zstd.size(), size));
    return absl::OkStatus();
  }
  absl::Status Finish(const CollectionSummary& end) override {
    summary = end;
    finished = true;
    return absl::OkStatus();
  }

  std::vector<Analysis> analyses;
  std::vector<SourceFile> files;
  std::vector<Report> reports;
  std::vector<std::string> contents;
  CollectionSummary summary;
  bool finished = false;
};

std::string Compress(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

// A report with something in every field, some of it no UTF-8.
Report FullReport() {
  Report report;
  report.report_hash = "0123456789abcdef0123456789abcdef";
  report.checker_name = "core.DivideZero";
  report.analyzer_name = "clangsa";
  report.category = "Logic error";
  report.type = "Division by zero";
  report.message = "caf\xe9: division by zero";
  report.severity = Severity::kHigh;
  report.location = {1, 12, 5};
  report.bug_path.events = {{{0, 3, 4}, "from here", -1, {{0, 3, 4, 3, 9}}},
                            {{1, 12, 5}, "division by zero", 0, {}}};
  report.bug_path.positions = {{0, 3, 4, 3, 5}, {1, 12, 5, 12, 5}};
  report.bug_path.notes = {{{1, 1, 1}, "a note", 0, {{1, 1, 1, 2, 2}}}};
  report.bug_path.macro_expansions = {{{1, 12, 5}, "DIV", "a / b"}};
  report.annotations = {{"testcase", "t1"}, {"timestamp", "2024-01-02"}};
  report.bug_path.further_paths = {
      {{{0, 5, 6}, "another way", 1, {}}},
      {{{1, 7, 8}, "a third", 0, {{1, 7, 8, 7, 9}}}, {{0, 1, 1}, "", 0, {}}}};
  report.review = {ReviewStatus::kIntentional, "by design", true};
  report.severity_is_default = true;
  report.logical_location = "ns::Class::method";
  report.discriminator = 7;
  report.content_digest = 0xfedcba9876543210;
  return report;
}

class BundleTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "bundle-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    path_ = directory_->path() + "/bundle";
  }

  void WriteSample() {
    absl::StatusOr<UniqueFd> fd = OpenFile(path_, O_CREAT | O_TRUNC | O_RDWR);
    ASSERT_TRUE(fd.ok());
    BundleWriter writer(fd->get(), path_);
    ASSERT_TRUE(writer.AddAnalysis(analysis_).ok());
    ASSERT_TRUE(writer.AddFile({"src/a.c", std::string(Sha256::Of(source_).Raw())}).ok());
    ASSERT_TRUE(writer.AddFile({"src/b.h", ""}).ok());
    ASSERT_TRUE(writer.AddReport(FullReport()).ok());
    ASSERT_TRUE(
        writer.AddContent(Sha256::Of(source_).Raw(), Compress(source_), source_.size()).ok());
    ASSERT_TRUE(writer.Finish({17, 3, {"one warning"}, 120, 2}).ok());
  }

  void WriteBytes(std::string_view bytes) {
    absl::StatusOr<UniqueFd> fd = OpenFile(path_, O_CREAT | O_TRUNC | O_RDWR);
    ASSERT_TRUE(fd.ok());
    ASSERT_TRUE(WriteAt(fd->get(), bytes, 0, path_).ok());
  }

  // Writes the records as a bundle without any checks.
  void WriteRecords(const std::vector<v1::BundleRecord>& records) {
    std::string bytes;
    for (const v1::BundleRecord& record : records) {
      size_t length = record.ByteSizeLong();
      for (; length >= 0x80; length >>= 7) bytes.push_back(static_cast<char>(length | 0x80));
      bytes.push_back(static_cast<char>(length));
      bytes += record.SerializeAsString();
    }
    WriteBytes(Compress(bytes));
  }

  absl::Status Read(Limits limits = {}) {
    RecordingSink sink;
    return BundleReader(path_, limits).ReadInto(sink);
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::string path_;
  const std::string source_ = "int main() { return 1 / 0; }\n";
  const Analysis analysis_{"codechecker",
                           "6.29",
                           {"CodeChecker", "analyze"},
                           "/src",
                           1.5,
                           2.5,
                           {{"clangsa", "14.0", 3, 1, {"x.c"}, {{"core.DivideZero", true}}}}};
};

v1::BundleRecord Header(uint32_t version = kBundleFormatVersion) {
  v1::BundleRecord record;
  record.mutable_header()->set_format_version(version);
  return record;
}

v1::BundleRecord File(const std::string& path) {
  v1::BundleRecord record;
  record.mutable_file()->set_path(path);
  return record;
}

v1::BundleRecord ReportRecord(uint32_t file, const std::string& message = "m") {
  v1::BundleRecord record;
  record.mutable_report()->set_checker_name("c");
  record.mutable_report()->set_report_hash("h");
  record.mutable_report()->set_message(message);
  record.mutable_report()->mutable_location()->set_file(file);
  record.mutable_report()->set_content_digest(9);
  return record;
}

v1::BundleRecord WithoutDigest(v1::BundleRecord record) {
  record.mutable_report()->clear_content_digest();
  return record;
}

v1::BundleRecord End(uint32_t files, uint32_t reports) {
  v1::BundleRecord record;
  record.mutable_end()->set_files(files);
  record.mutable_end()->set_reports(reports);
  return record;
}

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

// What a reading with ReportExtent::kIdentifying has to have of a report.
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

// However a report is encoded: what a whole reading reads, an identifying one reads the same.
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
    // Repeated fields, pieces that are missing, bytes that are others.
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
    // The frame carries a checksum, so no change goes unseen.
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

TEST_F(BundleTest, FileWithoutPath_IsWhatHasNoFile) {
  WriteRecords({Header(), File(""), ReportRecord(0), End(1, 1)});
  RecordingSink sink;
  ASSERT_TRUE(BundleReader(path_, {}).ReadInto(sink).ok());
  EXPECT_EQ(sink.files, std::vector<SourceFile>{SourceFile{}});
}

// Such bundles wait in spools and come from older clients.
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

TEST_F(BundleTest, Writer_MakesTheDigestsThatReportsLack) {
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

// A few kilobytes that would be gigabytes in memory.
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

TEST_F(BundleTest, ContentWithWrongDigestOrSize_IsRefused) {
  for (const bool wrong_size : {false, true}) {
    v1::BundleRecord content;
    content.mutable_content()->set_sha256(std::string(Sha256::Of("other").Raw()));
    content.mutable_content()->set_zstd(Compress(source_));
    content.mutable_content()->set_size(source_.size() + (wrong_size ? 1 : 0));
    WriteRecords({Header(), content, End(0, 0)});
    EXPECT_EQ(Read().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(BundleTest, CheckBundleHead_KnowsItsOwn) {
  WriteSample();
  EXPECT_TRUE(CheckBundleHead(*ReadFile(path_, 1 << 20)).ok());
  EXPECT_EQ(CheckBundleHead("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckBundleHead("PK\x03\x04").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckBundleHead(Compress("hello")).code(), absl::StatusCode::kInvalidArgument);
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
