#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/files/file.h"
#include "reports/stream/report_stream.h"
#include "storage/backend.h"
#include "storage/testing/test_times.h"

// The suite that every storage backend must pass. A backend's test instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, BackendConformance,
//                            testing::Values(BackendFactory{...}), FactoryName);
namespace stored::storage {

struct BackendFactory {
  std::string name;
  // Opens the backend in `directory`, which is empty at first.
  std::function<absl::StatusOr<std::unique_ptr<Backend>>(const std::string& directory,
                                                         absl::Time now)>
      open;
};

// Prints the name in gtest's messages, which would otherwise show the bytes of the object.
inline void PrintTo(const BackendFactory& factory, std::ostream* out) { *out << factory.name; }

inline std::string FactoryName(const testing::TestParamInfo<BackendFactory>& info) {
  return info.param.name;
}

// A stream of reports in memory.
struct ReportList final : public reports::ReportStream {
  struct Content {
    std::string sha256;
    std::string zstd;
    uint64_t size;
  };

  std::vector<reports::Analysis> analyses;
  std::vector<reports::SourceFile> files;
  std::vector<reports::Report> reports;
  std::vector<Content> contents;
  reports::CollectionSummary summary;
  // If this is an error, the stream ends with it after the reports.
  absl::Status error;
  // Called once, after the reports of the first ReadInto().
  std::function<void()> interruption;
  int times_read = 0;

  // A reading yields no more of a report than its extent promises.
  std::unique_ptr<reports::Reading> Open(reports::ReportExtent extent) override;

 private:
  absl::Status Read(reports::ReportExtent extent, reports::ReportSink& sink);
};

// Returns a report in file 0 with one event. Its hash is HashOf(hash). Reports of one hash with
// different values of `path` have different bug paths.
reports::Report MakeReport(int hash, int path = 0,
                           const std::string& checker = "core.NullDereference");
// Returns a report hash of 32 hexadecimal digits.
std::string HashOf(int hash);
// Returns reports 0 to count - 1 in one file, "src/a.c", without a content.
ReportList MakeReports(int count);
// Returns MakeReport(hash) for each of `hashes`, in the file "src/a.c", without a content.
ReportList MakeReportsOf(const std::vector<int>& hashes);
// Returns an analysis that lists these checkers.
reports::Analysis MakeAnalysis(const std::vector<reports::CheckerState>& checkers);
// Adds a file with the digest of `content`, and that content if `send` is set. The content is not
// really compressed: an ingest never decompresses it.
void AddSource(ReportList& list, const std::string& path, const std::string& content,
               bool send = true);

// Copies the databases of a backup to a directory in which a backend can be opened.
class BackupCopies final : public BackupTarget {
 public:
  explicit BackupCopies(std::string directory) : directory_(std::move(directory)) {}

  absl::Status TakeDatabase(const std::string& name, const std::string& path) override;
  absl::StatusOr<bool> TakePayload(const std::string& file) override {
    return on_payload ? on_payload(file) : true;
  }
  bool Cancelled() override { return cancelled; }

  std::function<bool(const std::string& file)> on_payload;
  bool cancelled = false;

 private:
  const std::string directory_;
};

// Records the progress of an ingest, and can cancel it.
class RecordingObserver final : public IngestObserver {
 public:
  void Progress(StorePhase phase, int64_t done, int64_t total) override;
  bool Cancelled() override { return calls_++ >= cancel_after_; }

  // Makes Cancelled() return true after `calls` calls.
  void CancelAfter(int calls) { cancel_after_ = calls; }
  bool saw(StorePhase phase) const { return seen_[static_cast<size_t>(phase)]; }
  int calls() const { return calls_; }

 private:
  std::vector<bool> seen_ = std::vector<bool>(8);
  int calls_ = 0;
  int cancel_after_ = 1 << 30;
};

// Lets a garbage collection run at full speed, and counts its transactions.
class TestPace final : public GcPace {
 public:
  void Rest(absl::Duration /*took*/) override { ++rests_; }
  bool Stopped() override { return rests_ >= stop_after_; }

  // Stops the garbage collection after `rests` transactions.
  void StopAfter(int rests) { stop_after_ = rests; }
  int rests() const { return rests_; }

 private:
  int rests_ = 0;
  int stop_after_ = 1 << 30;
};

// The fixture of the suite: a backend in a temporary directory. The helpers fail the test on
// errors, except those that return a StatusOr.
class BackendConformance : public testing::TestWithParam<BackendFactory> {
 protected:
  void SetUp() override;
  // Closes the backend and opens it again.
  void Reopen();

  Backend& backend() { return *backend_; }
  SessionQueue& queue() { return backend_->queue(); }
  const std::string& directory() const { return directory_->path(); }

  // Returns the default product's results.
  ProductResults& results();
  absl::StatusOr<StoreResult> TryIngest(ReportList& list, const IngestRequest& request);
  // Ingests at the time At(N) for the Nth call. If the request has no run name or token, the run is
  // "run" and the token a new one.
  StoreResult Ingest(ReportList& list, IngestRequest request = {});
  StoreResult Ingest(ReportList&& list, IngestRequest request = {}) {
    return Ingest(list, std::move(request));
  }
  // Returns the page; the run is "run" if the query names none.
  absl::StatusOr<ReportPage> List(ReportQuery query);
  // Returns all reports of a run in one page.
  ReportPage All(const std::string& run = "run", bool with_bug_path = false);
  // Returns a letter for the detection status of each report of the run, sorted by hash: N(ew),
  // U(nresolved), R(eopened), C(losed: resolved), O(ff), A (not available).
  std::string Statuses(const std::string& run = "run");
  // Returns the last digits of the hashes of the reports that the filter selects, sorted by id.
  std::string Selected(const reports::ReportFilter& filter, const std::string& run = "run");
  // Returns the only report with HashOf(hash).
  reports::StoredReport Find(int hash, const std::string& run = "run");
  RunSummary Run(const std::string& run = "run");
  // Returns the names of all runs.
  std::vector<std::string> RunNames();

  // Enqueues a store into the run.
  StoreSession Enqueue(const std::string& run = "run", const std::string& upload_id = "",
                       absl::Time now = At(0));
  // Sets how long the default product keeps closed reports and history entries; zero is for ever.
  void SetRetention(absl::Duration resolved, absl::Duration history);
  // Counts the garbage and removes it. Expects both to find the same.
  Garbage RunGc(const GarbageRules& rules);
  // As RunGc(), with the default retentions of GarbageRules.
  Garbage GcAt(absl::Time now) { return RunGc({now}); }
  // Returns whether FindMissingContents() returns the digest of this content.
  bool IsMissing(const std::string& content);

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Backend> backend_;
  std::shared_ptr<ProductResults> results_;
  int ingests_ = 0;
};

}  // namespace stored::storage
