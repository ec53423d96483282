#include "bench/floor/ingest.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/sha256.h"
#include "bench/floor/database.h"
#include "reports/bundle/bug_path_codec.h"
#include "reports/bundle/bundle_reader.h"
#include "reports/identity.h"

namespace stored::bench::floor {
namespace {

class InsertingSink final : public reports::ReportSink, private reports::FilePaths {
 public:
  explicit InsertingSink(ReportDatabase& database) : database_(database) {}

  const Counts& counts() const { return counts_; }

  absl::Status AddAnalysis(reports::Analysis) override { return absl::OkStatus(); }
  absl::Status AddFile(reports::SourceFile file) override {
    database_.AddFile(static_cast<uint32_t>(paths_.size()), file.path, file.sha256);
    paths_.push_back(std::move(file.path));
    return absl::OkStatus();
  }
  absl::Status AddReport(reports::Report report) override {
    ++counts_.reports;
    row_.identity = reports::IdentityOf(report, *this).Raw();
    row_.report_hash = FromHex(report.report_hash).value_or(report.report_hash);
    row_.checker = std::move(report.checker_name);
    row_.category = std::move(report.category);
    row_.type = std::move(report.type);
    row_.message = std::move(report.message);
    row_.file = report.location.file;
    row_.line = report.location.line;
    row_.column = report.location.column;
    row_.severity = static_cast<uint32_t>(report.severity);
    row_.bug_path = reports::EncodeBugPath(report.bug_path);
    database_.AddReport(row_);
    return absl::OkStatus();
  }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    database_.AddContent(sha256, zstd, size);
    return absl::OkStatus();
  }
  absl::Status Finish(const reports::CollectionSummary& summary) override {
    counts_.diagnostics = summary.diagnostics;
    return absl::OkStatus();
  }

 private:
  std::string_view Path(reports::FileIndex file) const override { return paths_[file]; }

  ReportDatabase& database_;
  std::vector<std::string> paths_;
  Row row_;
  Counts counts_;
};

}  // namespace

Counts Ingest(const std::string& bundle, const std::string& path) {
  ReportDatabase database(path);
  InsertingSink sink(database);
  reports::BundleReader reader(bundle, {});
  const absl::Status read = reader.ReadInto(sink);
  if (!read.ok()) {
    std::fprintf(stderr, "bench_floor: %s\n", std::string(read.message()).c_str());
    std::exit(1);
  }
  database.Commit();
  return sink.counts();
}

}  // namespace stored::bench::floor
