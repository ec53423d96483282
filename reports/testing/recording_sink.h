#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "reports/report_files.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// Keeps every call of a stream, both its arguments and one line of text. Expects that indices name
// files that came before, and that contents are the frames they claim to be.
class RecordingSink final : public ReportSink {
 public:
  absl::Status AddAnalysis(Analysis analysis) override {
    log.push_back("analysis " + analysis.tool_name);
    analyses.push_back(std::move(analysis));
    return absl::OkStatus();
  }
  absl::Status AddFile(SourceFile file) override {
    log.push_back(fmt::format("file {} {}", file.path, ToHex(file.sha256)));
    files.push_back(std::move(file));
    return absl::OkStatus();
  }
  absl::Status AddReport(Report report) override {
    if (reports.size() == fail_at_report) return absl::DataLossError("the sink is full");
    ForEachFileIndex(report, [this](FileIndex file) { EXPECT_LT(file, files.size()); });
    log.push_back(fmt::format("report {} {} {} {}:{}", report.checker_name, report.report_hash,
                              report.message, files[report.location.file].path,
                              report.location.line));
    reports.push_back(std::move(report));
    return absl::OkStatus();
  }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    std::string text(size, '\0');
    EXPECT_EQ(ZSTD_decompress(text.data(), text.size(), zstd.data(), zstd.size()), size);
    EXPECT_EQ(ZSTD_getFrameContentSize(zstd.data(), zstd.size()), size);
    EXPECT_EQ(Sha256::Of(text).Raw(), sha256);
    log.push_back("content " + text);
    contents.push_back(std::move(text));
    return absl::OkStatus();
  }
  absl::Status Finish(const CollectionSummary& end) override {
    summary = end;
    finished = true;
    log.emplace_back("finish");
    return absl::OkStatus();
  }

  // The report, from 0, that is refused.
  size_t fail_at_report = SIZE_MAX;
  std::vector<std::string> log;
  std::vector<Analysis> analyses;
  std::vector<SourceFile> files;
  std::vector<Report> reports;
  // Unpacked.
  std::vector<std::string> contents;
  CollectionSummary summary;
  bool finished = false;
};

}  // namespace stored::reports
