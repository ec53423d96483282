#include "storage/conformance/conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/sha256.h"
#include "base/status.h"
#include "reports/content_digest.h"

namespace stored::storage {

namespace {

// Returns the report with only those fields that ReportExtent::kIdentifying promises.
reports::Report Identifying(reports::Report report) {
  report.analyzer_name = report.category = report.type = "not asked for";
  // The message identifies a report without events.
  if (!report.bug_path.events.empty()) report.message = "not asked for";
  report.severity = reports::Severity::kUnspecified;
  for (reports::BugPathEvent& event : report.bug_path.events) {
    event.depth = 0;
    event.ranges.clear();
  }
  report.bug_path.positions.clear();
  report.bug_path.notes.clear();
  report.bug_path.macro_expansions.clear();
  report.bug_path.further_paths.clear();
  report.logical_location = "not asked for";
  return report;
}

}  // namespace

std::unique_ptr<reports::Reading> ReportList::Open(reports::ReportExtent extent) {
  return std::make_unique<reports::DeferredReading>(
      [this, extent](reports::ReportSink& sink) { return Read(extent, sink); });
}

absl::Status ReportList::Read(reports::ReportExtent extent, reports::ReportSink& sink) {
  ++times_read;
  for (const reports::Analysis& analysis : analyses) {
    STORED_RETURN_IF_ERROR(sink.AddAnalysis(analysis));
  }
  reports::ContentDigester digester;
  for (const reports::SourceFile& file : files) {
    digester.AddFile(file.path);
    STORED_RETURN_IF_ERROR(sink.AddFile(file));
  }
  for (reports::Report report : reports) {
    report.content_digest = digester.DigestOf(report);
    const bool all = extent == reports::ReportExtent::kAll;
    STORED_RETURN_IF_ERROR(sink.AddReport(all ? report : Identifying(report)));
  }
  if (interruption) std::exchange(interruption, nullptr)();
  STORED_RETURN_IF_ERROR(error);
  for (const Content& content : contents) {
    STORED_RETURN_IF_ERROR(sink.AddContent(content.sha256, content.zstd, content.size));
  }
  return sink.Finish(summary);
}

std::string HashOf(int hash) { return fmt::format("{:032x}", hash + 0xabc0); }

reports::Report MakeReport(int hash, int path, const std::string& checker) {
  reports::Report report;
  report.report_hash = HashOf(hash);
  report.checker_name = checker;
  report.analyzer_name = "clangsa";
  report.category = "Logic error";
  report.type = "Dereference of null pointer";
  report.message = fmt::format("finding {}", hash);
  report.location = {0, static_cast<uint32_t>(hash + 1), 5};
  report.bug_path.events.push_back(
      {report.location, fmt::format("step {}", path), 0, {{0, 1, 2, 3, 4}}});
  return report;
}

ReportList MakeReports(int count) {
  ReportList list;
  list.files.push_back({"src/a.c", ""});
  for (int i = 0; i < count; ++i) list.reports.push_back(MakeReport(i));
  list.summary.diagnostics = static_cast<uint64_t>(count) * 4;
  list.summary.result_files = 2;
  return list;
}

ReportList MakeReportsOf(const std::vector<int>& hashes) {
  ReportList list = MakeReports(0);
  for (const int hash : hashes) list.reports.push_back(MakeReport(hash));
  return list;
}

reports::Analysis MakeAnalysis(const std::vector<reports::CheckerState>& checkers) {
  reports::Analysis analysis;
  analysis.tool_name = "codechecker";
  reports::AnalyzerRun analyzer;
  analyzer.name = "clangsa";
  analyzer.version = "14.0.6";
  analyzer.checkers = checkers;
  analysis.analyzers.push_back(std::move(analyzer));
  return analysis;
}

void AddSource(ReportList& list, const std::string& path, const std::string& content, bool send) {
  const std::string digest(Sha256::Of(content).Raw());
  list.files.push_back({path, digest});
  if (send) list.contents.push_back({digest, "frame of " + content, content.size()});
}

absl::Status BackupCopies::TakeDatabase(const std::string& name, const std::string& path) {
  const std::filesystem::path to = std::filesystem::path(directory_) / name;
  std::filesystem::create_directories(to.parent_path());
  std::filesystem::copy_file(path, to);
  return absl::OkStatus();
}

void RecordingObserver::Progress(StorePhase phase, int64_t done, int64_t total) {
  EXPECT_GE(done, 0);
  EXPECT_TRUE(total == 0 || done <= total) << done << " of " << total;
  seen_[static_cast<size_t>(phase)] = true;
}

void BackendConformance::SetUp() {
  absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "backend-test-");
  ASSERT_TRUE(created.ok()) << created.status();
  directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  Reopen();
}

void BackendConformance::Reopen() {
  results_.reset();
  backend_.reset();
  absl::StatusOr<std::unique_ptr<Backend>> opened = GetParam().open(directory(), At(0));
  ASSERT_TRUE(opened.ok()) << opened.status();
  backend_ = *std::move(opened);
}

ProductResults& BackendConformance::results() {
  if (results_ == nullptr) {
    absl::StatusOr<std::shared_ptr<ProductResults>> results = backend_->Results(kDefaultProduct);
    if (!results.ok()) ADD_FAILURE() << results.status();
    results_ = *std::move(results);
  }
  return *results_;
}

absl::StatusOr<StoreResult> BackendConformance::TryIngest(ReportList& list,
                                                          const IngestRequest& request) {
  RecordingObserver observer;
  return results().Ingest(request, list, observer);
}

StoreResult BackendConformance::Ingest(ReportList& list, IngestRequest request) {
  ++ingests_;
  if (request.token.empty()) request.token = fmt::format("{:032}", ingests_);
  if (request.run_name.empty()) request.run_name = "run";
  request.stored_at = At(ingests_);
  absl::StatusOr<StoreResult> result = TryIngest(list, request);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : StoreResult();
}

absl::StatusOr<ReportPage> BackendConformance::List(ReportQuery query) {
  if (query.run_name.empty()) query.run_name = "run";
  return results().ListReports(query);
}

ReportPage BackendConformance::All(const std::string& run, bool with_bug_path) {
  absl::StatusOr<ReportPage> page =
      List({.run_name = run, .with_bug_path = with_bug_path, .page_size = 1'000'000});
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return {};
  EXPECT_EQ(page->next_page_token, "");
  return *std::move(page);
}

std::string BackendConformance::Statuses(const std::string& run) {
  constexpr std::string_view kLetters = "?NURCOA";
  ReportPage page = All(run);
  std::stable_sort(page.reports.begin(), page.reports.end(),
                   [](const reports::StoredReport& a, const reports::StoredReport& b) {
                     return a.report.report_hash < b.report.report_hash;
                   });
  std::string statuses;
  for (const reports::StoredReport& report : page.reports) {
    statuses += kLetters[static_cast<size_t>(report.detection_status)];
  }
  return statuses;
}

std::string BackendConformance::Selected(const reports::ReportFilter& filter,
                                         const std::string& run) {
  const absl::StatusOr<ReportPage> page = List({.run_name = run, .filter = filter});
  if (!page.ok()) return std::string(page.status().message());
  std::string digits;
  for (const reports::StoredReport& stored : page->reports) {
    digits += stored.report.report_hash.back();
  }
  return digits;
}

reports::StoredReport BackendConformance::Find(int hash, const std::string& run) {
  absl::StatusOr<ReportPage> page =
      List({.run_name = run, .filter = {.report_hashes = {HashOf(hash)}}, .with_bug_path = true});
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok() || page->reports.size() != 1) {
    ADD_FAILURE() << "not exactly one report with hash " << hash;
    return {};
  }
  return page->reports.front();
}

RunSummary BackendConformance::Run(const std::string& run) {
  absl::StatusOr<RunPage> page = results().ListRuns(run, 10, "");
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok() || page->runs.size() != 1) {
    ADD_FAILURE() << "not exactly one run named " << run;
    return {};
  }
  return page->runs.front();
}

std::vector<std::string> BackendConformance::RunNames() {
  std::vector<std::string> names;
  const absl::StatusOr<RunPage> page = results().ListRuns("", 1000, "");
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return names;
  for (const RunSummary& run : page->runs) names.push_back(run.name);
  return names;
}

StoreSession BackendConformance::Enqueue(const std::string& run, const std::string& upload_id,
                                         absl::Time now) {
  StoreRequest request;
  request.upload_id = upload_id;
  request.product = kDefaultProduct;
  request.run_name = run;
  const absl::StatusOr<SessionQueue::Enqueued> enqueued =
      queue().Enqueue(request, {"spooled", 1, std::string(32, 'x')}, {}, now);
  EXPECT_TRUE(enqueued.ok()) << enqueued.status();
  return enqueued.ok() ? enqueued->session : StoreSession();
}

void BackendConformance::SetRetention(absl::Duration resolved, absl::Duration history) {
  ProductSettingsChange change;
  change.resolved_report_retention = resolved;
  change.history_retention = history;
  EXPECT_TRUE(backend().UpdateProduct(kDefaultProduct, change).ok());
}

Garbage BackendConformance::RunGc(const GarbageRules& rules) {
  TestPace pace;
  const absl::StatusOr<Garbage> counted = backend().CountGarbage(rules, pace);
  EXPECT_TRUE(counted.ok()) << counted.status();
  EXPECT_EQ(pace.rests(), 0) << "counting writes";
  Garbage removed;
  const absl::Status status = backend().CollectGarbage(rules, pace, removed);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(counted.ok() && *counted == removed) << "the count differs from what was removed";
  return removed;
}

bool BackendConformance::IsMissing(const std::string& content) {
  const std::vector<Sha256Digest> digests = {Sha256::Of(content)};
  const absl::StatusOr<std::vector<Sha256Digest>> missing = results().FindMissingContents(digests);
  EXPECT_TRUE(missing.ok()) << missing.status();
  return missing.ok() && !missing->empty();
}

}  // namespace stored::storage
