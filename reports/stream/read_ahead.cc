#include "reports/stream/read_ahead.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "base/status.h"

namespace stored::reports {
namespace {

// Handing over a batch wakes a thread, so a batch has many reports. A sink for identifying readings
// compares reports, at about a microsecond each; one for whole reports writes them, at about ten.
// The latter needs fewer reports per batch: more would gain nothing, and would occupy two
// processors for longer at a time.
constexpr size_t ItemsPerBatch(ReportExtent extent) {
  return extent == ReportExtent::kIdentifying ? 1024 : 128;
}
constexpr size_t kBytesPerBatch = size_t{1} << 20;
constexpr size_t kBytesAhead = size_t{8} << 20;

struct Content {
  std::string sha256;
  std::string zstd;
  uint64_t size = 0;
};
// The arguments of one call of the sink.
using Item = std::variant<Analysis, SourceFile, Report, Content, CollectionSummary>;
struct Batch {
  std::vector<Item> items;
  size_t bytes = 0;
};

// Estimates how much memory the events take beside the vector itself.
size_t BytesOf(const std::vector<BugPathEvent>& events) {
  size_t bytes = events.size() * sizeof(BugPathEvent);
  for (const BugPathEvent& event : events) {
    bytes += event.message.size() + event.ranges.size() * sizeof(Range);
  }
  return bytes;
}

// Estimates how much memory the report takes beside the object itself.
size_t BytesOf(const Report& report) {
  size_t bytes = report.report_hash.size() + report.checker_name.size() +
                 report.analyzer_name.size() + report.category.size() + report.type.size() +
                 report.message.size() + report.logical_location.size() +
                 report.review.comment.size() + BytesOf(report.bug_path.events) +
                 BytesOf(report.bug_path.notes) + report.bug_path.positions.size() * sizeof(Range);
  using Steps = std::vector<BugPathEvent>;
  for (const Steps& steps : report.bug_path.further_paths) bytes += sizeof(Steps) + BytesOf(steps);
  for (const MacroExpansion& macro : report.bug_path.macro_expansions) {
    bytes += sizeof(MacroExpansion) + macro.name.size() + macro.expansion.size();
  }
  for (const Annotation& annotation : report.annotations) {
    bytes += sizeof(Annotation) + annotation.key.size() + annotation.value.size();
  }
  return bytes;
}

// A bounded queue from the thread that reads to the thread that calls the sink. Safe for concurrent
// use.
class Channel {
 public:
  // Blocks until there is room. Returns false if the channel is closed.
  bool Put(Batch batch) {
    MutexLock lock(mutex_);
    while (!closed_ && bytes_ >= kBytesAhead) changed_.Wait(lock);
    if (closed_) return false;
    bytes_ += batch.bytes;
    batches_.push_back(std::move(batch));
    changed_.NotifyAll();
    return true;
  }

  // Blocks until there is a batch to take or the channel is closed.
  void AwaitFirst() {
    MutexLock lock(mutex_);
    while (!closed_ && batches_.empty()) changed_.Wait(lock);
  }

  // Blocks until there is a batch. Returns nullopt if the channel is closed and empty.
  std::optional<Batch> Take() {
    MutexLock lock(mutex_);
    while (!closed_ && batches_.empty()) changed_.Wait(lock);
    if (batches_.empty()) return std::nullopt;
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    bytes_ -= batch.bytes;
    changed_.NotifyAll();
    return batch;
  }

  void Close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyAll();
  }
  bool closed() const { return closed_; }

 private:
  Mutex mutex_;
  Condition changed_;
  std::deque<Batch> batches_ ABSL_GUARDED_BY(mutex_);
  // The bytes of all batches.
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Atomic because closed() takes no lock; written only while the mutex is held.
  std::atomic<bool> closed_ = false;
};

// Collects the calls it receives into batches and puts these into the channel.
class ChannelSink final : public ReportSink {
 public:
  ChannelSink(Channel& channel, ReportExtent extent)
      : channel_(channel), items_per_batch_(ItemsPerBatch(extent)) {}

  absl::Status AddAnalysis(Analysis analysis) override {
    return Add(std::move(analysis), kBytesPerBatch);
  }
  absl::Status AddFile(SourceFile file) override {
    const size_t bytes = file.path.size();
    return Add(std::move(file), bytes);
  }
  absl::Status AddReport(Report report) override {
    const size_t bytes = BytesOf(report);
    return Add(std::move(report), bytes);
  }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    return Add(Content{std::string(sha256), std::string(zstd), size}, zstd.size());
  }
  absl::Status Finish(const CollectionSummary& summary) override {
    return Add(summary, kBytesPerBatch);
  }

 private:
  absl::Status Add(Item item, size_t bytes) {
    // Checked before the batch is full too, because the reading may take long to fill it.
    if (channel_.closed()) return NotWanted();
    batch_.items.push_back(std::move(item));
    batch_.bytes += sizeof(Item) + bytes;
    const bool full = batch_.items.size() == items_per_batch_ || batch_.bytes >= kBytesPerBatch;
    if (!full) return absl::OkStatus();
    if (!channel_.Put(std::exchange(batch_, {}))) return NotWanted();
    batch_.items.reserve(items_per_batch_);
    return absl::OkStatus();
  }

  static absl::Status NotWanted() { return absl::CancelledError("not wanted any more"); }

  Channel& channel_;
  const size_t items_per_batch_;
  Batch batch_;
};

// Makes the call on `sink`. Moves from `item`.
absl::Status Replay(Item& item, ReportSink& sink) {
  struct Calls {
    ReportSink& sink;
    absl::Status operator()(Analysis& analysis) { return sink.AddAnalysis(std::move(analysis)); }
    absl::Status operator()(SourceFile& file) { return sink.AddFile(std::move(file)); }
    absl::Status operator()(Report& report) { return sink.AddReport(std::move(report)); }
    absl::Status operator()(const Content& content) {
      return sink.AddContent(content.sha256, content.zstd, content.size);
    }
    absl::Status operator()(const CollectionSummary& summary) { return sink.Finish(summary); }
  };
  return std::visit(Calls{sink}, item);
}

// Owns the thread, and joins it when destroyed.
class ReadAheadReading final : public Reading {
 public:
  ReadAheadReading(ReportStream& stream, ReportExtent extent)
      : stream_(stream), thread_([this, extent] { ReadAll(extent); }) {}

  ~ReadAheadReading() override {
    channel_.Close();
    if (thread_.joinable()) thread_.join();
  }

  void AwaitFirst() override { channel_.AwaitFirst(); }

  absl::Status ReadInto(ReportSink& sink) override {
    while (std::optional<Batch> batch = channel_.Take()) {
      for (Item& item : batch->items) STORED_RETURN_IF_ERROR(Replay(item, sink));
    }
    thread_.join();
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    return status_;
  }

 private:
  // The last call of a stream is Finish(), which sends the batch whatever its size. Only if the
  // stream fails before that, the calls in its last batch are dropped.
  void ReadAll(ReportExtent extent) {
    try {
      ChannelSink sink(channel_, extent);
      status_ = stream_.Open(extent)->ReadInto(sink);
    } catch (...) {
      thrown_ = std::current_exception();
    }
    channel_.Close();
  }

  ReportStream& stream_;
  Channel channel_;
  // Written by the thread, read after it was joined.
  absl::Status status_;
  std::exception_ptr thrown_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Reading> ReadAheadStream::Open(ReportExtent extent) {
  return std::make_unique<ReadAheadReading>(stream_, extent);
}

}  // namespace stored::reports
