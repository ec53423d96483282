#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "reports/stream/report_sink.h"

namespace stored::tools {

// The files, reports, contents and warnings of a bundle that a test reads.
class BundleContents final : public reports::ReportSink {
 public:
  absl::Status AddAnalysis(reports::Analysis /*analysis*/) override { return absl::OkStatus(); }
  absl::Status AddFile(reports::SourceFile file) override {
    files.push_back(std::move(file));
    return absl::OkStatus();
  }
  absl::Status AddReport(reports::Report report) override {
    reports.push_back(std::move(report));
    return absl::OkStatus();
  }
  absl::Status AddContent(std::string_view sha256, std::string_view /*zstd*/,
                          uint64_t size) override {
    contents.emplace_back(sha256);
    content_sizes.push_back(size);
    return absl::OkStatus();
  }
  absl::Status Finish(const reports::CollectionSummary& summary) override {
    warnings = summary.warnings;
    return absl::OkStatus();
  }

  std::vector<std::string> Paths() const {
    std::vector<std::string> paths;
    for (const reports::SourceFile& file : files) paths.push_back(file.path);
    return paths;
  }
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const reports::Report& report : reports) messages.push_back(report.message);
    return messages;
  }

  std::vector<reports::SourceFile> files;
  std::vector<reports::Report> reports;
  // Raw SHA-256 digests.
  std::vector<std::string> contents;
  std::vector<uint64_t> content_sizes;
  std::vector<std::string> warnings;
};

}  // namespace stored::tools
