#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/files/file.h"
#include "reports/stream/report_stream.h"
#include "storage/backend.h"

// The suite that every storage backend must pass. A backend's test instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(StoreFactory{...}), Name);
namespace stored::storage {

struct StoreFactory {
  std::string name;
  // Opens what is in `directory`, empty the first time.
  std::function<absl::StatusOr<std::unique_ptr<Backend>>(const std::string& directory,
                                                         absl::Time now)>
      open;
};

// For gtest, which would print the bytes of the object.
inline void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }

inline std::string FactoryName(const testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
}

// A stream of reports in memory. With `error` it breaks off with that after the reports.
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
  absl::Status error;
  // Called once, after the reports of the first reading.
  std::function<void()> interruption;
  int times_read = 0;

  // A reading yields no more of a report than its extent promises.
  std::unique_ptr<reports::Reading> Open(reports::ReportExtent extent) override;

 private:
  absl::Status Read(reports::ReportExtent extent, reports::ReportSink& sink);
};

// A report in file 0 with one event. The hash is the 32-digit form of `hash`; `path` tells reports
// of one hash apart.
reports::Report MakeReport(int hash, int path = 0,
                           const std::string& checker = "core.NullDereference");
// `hash` as MakeReport writes it.
std::string HashOf(int hash);
// Reports 0 to count - 1 in one file, "src/a.c", that was not found.
ReportList MakeReports(int count);
// An analysis with checkers that are on or off.
reports::Analysis MakeAnalysis(const std::vector<reports::CheckerState>& checkers);
// A file whose content's digest is that of `content`, and that content (the frame is never
// unpacked by a store).
void AddSource(ReportList& list, const std::string& path, const std::string& content,
               bool send = true);
absl::Time At(int64_t seconds);

// Notes what it is told, and asks for a stop when told to.
class RecordingObserver final : public IngestObserver {
 public:
  void Progress(StorePhase phase, int64_t done, int64_t total) override;
  bool Cancelled() override { return calls_++ >= cancel_after_; }

  // Asks for a stop from the so-manieth question on.
  void CancelAfter(int calls) { cancel_after_ = calls; }
  bool saw(StorePhase phase) const { return seen_[static_cast<size_t>(phase)]; }
  int calls() const { return calls_; }

 private:
  std::vector<bool> seen_ = std::vector<bool>(8);
  int calls_ = 0;
  int cancel_after_ = 1 << 30;
};

// Lets a collection run as fast as it can, and notes its transactions.
class TestPace final : public GcPace {
 public:
  void Rest(absl::Duration /*took*/) override { ++rests_; }
  bool Stopped() override { return rests_ >= stop_after_; }

  // Stops the collection after so many transactions.
  void StopAfter(int rests) { stop_after_ = rests; }
  int rests() const { return rests_; }

 private:
  int rests_ = 0;
  int stop_after_ = 1 << 30;
};

class StoreConformance : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override;
  // Closes the store and opens it again.
  void Reopen();

  Backend& store() { return *store_; }
  SessionQueue& queue() { return store_->queue(); }
  const std::string& directory() const { return directory_->path(); }

  // The default product's results.
  ProductResults& results();
  // Ingests into `run` at time At(count of ingests so far); the request may be adjusted.
  absl::StatusOr<StoreResult> TryIngest(ReportList& list, const IngestRequest& request);
  StoreResult Ingest(ReportList& list, IngestRequest request = {});
  StoreResult Ingest(ReportList&& list, IngestRequest request = {}) {
    return Ingest(list, std::move(request));
  }
  // All reports of a run, in one page.
  ReportPage All(const std::string& run = "run", bool with_bug_path = false);
  // Of all reports of the run in order of their hashes: the first letter of the detection status,
  // N, U, R(eopened), C(losed: resolved), O(ff), A (not available).
  std::string Statuses(const std::string& run = "run");
  // The only report of this hash.
  StoredReport Find(int hash, const std::string& run = "run");
  RunSummary Run(const std::string& run = "run");
  // Names of all runs.
  std::vector<std::string> RunNames();

  // Queues a store into the run.
  StoreSession Enqueue(const std::string& run = "run", const std::string& upload_id = "",
                       absl::Time now = At(0));
  // Counts the garbage, removes it, and expects both to come to the same.
  Garbage Collect(const GarbageRules& rules);
  // As above, with the retentions that GarbageRules has by itself.
  Garbage CollectAt(absl::Time now) { return Collect({now}); }
  // Whether FindMissingContents says so of this content.
  bool IsMissing(const std::string& content);

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Backend> store_;
  std::shared_ptr<ProductResults> results_;
  int ingests_ = 0;
};

}  // namespace stored::storage
