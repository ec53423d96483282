#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/ingest/ingest_transaction.h"

namespace stored::storage {

// The columns of a report's row that an ingest decides.
struct MemoryReportRow {
  ReportHashKey hash;
  reports::ReportIdentity identity;
  std::string checker;
  int64_t file_id = 0;
  reports::Review review;
  uint64_t digest = 0;
  ReportState state = ReportState::kOpen;
  ReportOrigin origin;
};

struct MemoryTables {
  std::map<std::string, PresentRun> runs;
  std::map<int64_t, MemoryReportRow> reports;
  std::map<std::string, int64_t, std::less<>> files;
  std::set<std::string> contents;
  std::map<std::string, StoreResult> ingested;
  std::vector<std::string> analyzers;
  int64_t history_id = 0;
  int64_t report_id = 0;
};

// The statements of an ingest on maps. Records the calls that write reports.
class MemoryIngestTransaction final : public IngestTransaction, public IngestSnapshot {
 public:
  MemoryIngestTransaction(MemoryTables& tables, std::vector<std::string>& calls)
      : tables_(tables), calls_(calls) {}

  absl::StatusOr<std::optional<StoreResult>> FindIngested(const std::string& token) override {
    const auto found = tables_.ingested.find(token);
    if (found == tables_.ingested.end()) return std::nullopt;
    return found->second;
  }
  absl::StatusOr<PresentRun> FindRun(const std::string& name) override {
    const auto found = tables_.runs.find(name);
    return found == tables_.runs.end() ? PresentRun() : found->second;
  }
  absl::Status LoadReports(PresentRun& run) override {
    std::vector<PresentReport> present;
    std::map<std::string, int64_t> checkers;
    for (const auto& [id, row] : tables_.reports) {
      if (row.origin.run_id != run.id) continue;
      PresentReport& report = present.emplace_back();
      report.id = id;
      report.hash = row.hash;
      report.identity = row.identity;
      report.state = row.state;
      report.content = ContentKey(row.digest, row.review);
      report.checker_id =
          checkers.emplace(row.checker, static_cast<int64_t>(checkers.size())).first->second;
      run.checkers.emplace(report.checker_id, row.checker);
    }
    run.reports = PresentReports(std::move(present));
    return absl::OkStatus();
  }
  absl::StatusOr<int64_t> CountRuns() override { return static_cast<int64_t>(tables_.runs.size()); }
  absl::StatusOr<HistoryEntry> BeginEntry(const PresentRun& run,
                                          const IngestRequest& request) override {
    HistoryEntry entry = {run.id, ++tables_.history_id, run.store_count + 1};
    if (run.id == 0) {
      entry.run_id = static_cast<int64_t>(tables_.runs.size()) + 1;
      tables_.runs[request.run_name].id = entry.run_id;
    } else if (request.force) {
      std::erase_if(tables_.reports,
                    [&](const auto& item) { return item.second.origin.run_id == run.id; });
      entry.store_number = 1;
    }
    return entry;
  }
  absl::StatusOr<int64_t> FileId(std::string_view path) override {
    const auto id = static_cast<int64_t>(tables_.files.size()) + 100;
    return tables_.files.emplace(std::string(path), id).first->second;
  }
  absl::Status InsertReport(reports::Report& report, const reports::ReportIdentity& identity,
                            const std::vector<int64_t>& file_ids,
                            const ReportOrigin& origin) override {
    calls_.push_back("insert " + report.message);
    if (report.message == "refused") return absl::ResourceExhaustedError("disk full");
    tables_.reports[++tables_.report_id] = {ReportHashKey::Of(report.report_hash),
                                            identity,
                                            report.checker_name,
                                            file_ids.at(report.location.file),
                                            report.review,
                                            report.content_digest,
                                            ReportState::kOpen,
                                            origin};
    return absl::OkStatus();
  }
  absl::Status UpdateReport(int64_t report_id, reports::Report& report,
                            const std::vector<int64_t>& /*file_ids*/, int64_t /*history_id*/,
                            absl::Time /*now*/) override {
    calls_.push_back("update " + report.message);
    tables_.reports.at(report_id).digest = report.content_digest;
    tables_.reports.at(report_id).review = report.review;
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<ReportPast>> FindPast(int64_t report_id) override {
    const MemoryReportRow& row = tables_.reports.at(report_id);
    return ReportPast{row.origin.detected_at, row.origin.opened_by, row.origin.reopened,
                      row.review.status, row.origin.fixed_at};
  }
  absl::Status ApplyChange(const PresentReport& report, int64_t history_id,
                           absl::Time now) override {
    MemoryReportRow& row = tables_.reports.at(report.id);
    row.state = report.next_state;
    switch (report.change) {
      case ReportChange::kNone:
        calls_.push_back("no change");
        break;
      case ReportChange::kOpen:
        calls_.push_back("open");
        break;
      case ReportChange::kReopen:
        calls_.push_back("reopen");
        row.origin.opened_by = history_id;
        row.origin.reopened = true;
        break;
      case ReportChange::kClose:
        calls_.push_back("close");
        row.origin.fixed_at = now;
        break;
      case ReportChange::kRestate:
        calls_.push_back("restate");
        break;
      case ReportChange::kRemove:
        calls_.push_back("remove");
        tables_.reports.erase(report.id);
        break;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
      const std::vector<reports::SourceFile>& files) override {
    absl::flat_hash_set<Sha256Digest> missing;
    for (const reports::SourceFile& file : files) {
      const std::optional<Sha256Digest> digest = Sha256Digest::FromRaw(file.sha256);
      if (digest.has_value() && !tables_.contents.contains(digest->Hex())) missing.insert(*digest);
    }
    return missing;
  }
  absl::StatusOr<bool> InsertContent(const Sha256Digest& digest, std::string_view /*zstd*/,
                                     uint64_t /*size*/) override {
    return tables_.contents.insert(digest.Hex()).second;
  }
  absl::Status WriteFileVersions(const HistoryEntry& /*entry*/,
                                 const std::vector<reports::SourceFile>& files) override {
    for (const reports::SourceFile& file : files) {
      STORED_RETURN_IF_ERROR(FileId(file.path).status());
    }
    return absl::OkStatus();
  }
  absl::Status Finish(const HistoryEntry& entry, const IngestRequest& request,
                      const EntryCompletion& completion) override {
    PresentRun& run = tables_.runs.at(request.run_name);
    run.latest_history_id = entry.history_id;
    run.store_count = entry.store_number;
    run.report_count = completion.total_reports;
    EXPECT_EQ(completion.total_reports,
              std::count_if(tables_.reports.begin(), tables_.reports.end(),
                            [&](const auto& item) { return item.second.origin.run_id == run.id; }));
    tables_.analyzers = completion.analyzers;
    tables_.ingested[request.token] = completion.result;
    return absl::OkStatus();
  }

 private:
  MemoryTables& tables_;
  std::vector<std::string>& calls_;
};

// A product in memory, for tests of IngestReports. Keeps what a committed transaction wrote.
class MemoryIngestDatabase final : public IngestDatabase {
 public:
  absl::Status Read(absl::FunctionRef<absl::Status(IngestSnapshot&)> body) override {
    MemoryTables snapshot = tables;
    MemoryIngestTransaction transaction(snapshot, calls);
    return body(transaction);
  }
  absl::Status Write(absl::FunctionRef<bool()> cancelled,
                     absl::FunctionRef<absl::Status(IngestTransaction&)> body) override {
    if (before_write) before_write();
    if (cancelled()) return absl::CancelledError("cancelled while it waited");
    ++writes;
    MemoryTables changed = tables;
    MemoryIngestTransaction transaction(changed, calls);
    STORED_RETURN_IF_ERROR(body(transaction));
    tables = std::move(changed);
    return absl::OkStatus();
  }

  MemoryTables tables;
  // Calls that wrote a report, of rolled back transactions too.
  std::vector<std::string> calls;
  int writes = 0;
  std::function<void()> before_write;
};

}  // namespace stored::storage
