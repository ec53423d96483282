#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/sha256.h"
#include "reports/bundle/bundle_format.h"
#include "reports/bundle/bundle_reader.h"
#include "reports/bundle/bundle_writer.h"
#include "reports/testing/recording_sink.h"
#include "reports/testing/zstd.h"
#include "stored/v1/bundle.pb.h"

// Shared by the tests of bundles: a valid or malformed bundle in a temporary directory.
namespace stored::reports {

// Returns a report with a value in every field, some of them not UTF-8.
inline Report FullReport() {
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
    ASSERT_TRUE(writer.AddContent(Sha256::Of(source_).Raw(), Zstd(source_), source_.size()).ok());
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
    WriteBytes(Zstd(bytes));
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

inline v1::BundleRecord Header(uint32_t version = kBundleFormatVersion) {
  v1::BundleRecord record;
  record.mutable_header()->set_format_version(version);
  return record;
}

inline v1::BundleRecord File(const std::string& path) {
  v1::BundleRecord record;
  record.mutable_file()->set_path(path);
  return record;
}

inline v1::BundleRecord ReportRecord(uint32_t file, const std::string& message = "m") {
  v1::BundleRecord record;
  record.mutable_report()->set_checker_name("c");
  record.mutable_report()->set_report_hash("h");
  record.mutable_report()->set_message(message);
  record.mutable_report()->mutable_location()->set_file(file);
  record.mutable_report()->set_content_digest(9);
  return record;
}

inline v1::BundleRecord WithoutDigest(v1::BundleRecord record) {
  record.mutable_report()->clear_content_digest();
  return record;
}

inline v1::BundleRecord End(uint32_t files, uint32_t reports) {
  v1::BundleRecord record;
  record.mutable_end()->set_files(files);
  record.mutable_end()->set_reports(reports);
  return record;
}

}  // namespace stored::reports
