#include "storage/sqlite/connection/connections.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/kill_point.h"
#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

constexpr size_t kIdleReaders = 8;
constexpr int kReaderCacheKib = 4 << 10;
// The time between two polls of WriteOptions::stopped.
constexpr auto kStoppedInterval = std::chrono::milliseconds(20);

// Returns the name of the file, with which the names of kill points begin.
[[maybe_unused]] std::string FileName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

ReaderPool::Reader::~Reader() {
  if (database_ == nullptr) return;
  snapshot_.reset();
  pool_->GiveBack(std::move(database_));
}

absl::StatusOr<ReaderPool::Reader> ReaderPool::Acquire() {
  STORED_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, Take());
  STORED_ASSIGN_OR_RETURN(Transaction snapshot,
                          Transaction::Begin(*database, Transaction::Kind::kRead));
  return Reader(this, std::move(database), std::move(snapshot));
}

absl::StatusOr<std::unique_ptr<Database>> ReaderPool::Take() {
  {
    const MutexLock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> database = std::move(idle_.back());
      idle_.pop_back();
      return database;
    }
  }
  return Database::Open(path_, Database::Mode::kReadOnly, kReaderCacheKib);
}

void ReaderPool::GiveBack(std::unique_ptr<Database> database) {
  const MutexLock lock(mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(database));
}

class Writer::WriteLock {
 public:
  static absl::StatusOr<WriteLock> Acquire(Writer& writer, const WriteOptions& options) {
    STORED_RETURN_IF_ERROR(writer.AcquireWriteLock(options));
    return WriteLock(writer);
  }

  WriteLock(WriteLock&& other) noexcept : writer_(std::exchange(other.writer_, nullptr)) {}
  WriteLock& operator=(WriteLock&&) = delete;
  ~WriteLock() {
    if (writer_ != nullptr) writer_->ReleaseWriteLock();
  }

 private:
  explicit WriteLock(Writer& writer) : writer_(&writer) {}

  Writer* writer_;
};

absl::Status Writer::AcquireWriteLock(const WriteOptions& options) {
  MutexLock lock(mutex_);
  const int counted = options.when_idle ? 0 : 1;
  waiting_ += counted;
  absl::Status awaited = AwaitWriteLock(options, lock);
  waiting_ -= counted;
  if (awaited.ok()) {
    locked_ = true;
  } else if (counted > 0) {
    // Background work that waited for this call alone may go on.
    changed_.NotifyAll();
  }
  return awaited;
}

void Writer::ReleaseWriteLock() {
  {
    const MutexLock lock(mutex_);
    locked_ = false;
  }
  changed_.NotifyAll();
}

bool Writer::IsFree(const WriteOptions& options) const {
  return !locked_ && (!options.when_idle || waiting_ == 0);
}

absl::Status Writer::AwaitWriteLock(const WriteOptions& options, MutexLock& lock) {
  using WaitClock = std::chrono::steady_clock;
  WaitClock::time_point deadline = WaitClock::time_point::max();
  if (options.patience.has_value()) {
    deadline = WaitClock::now() + absl::ToChronoMilliseconds(*options.patience);
  }
  const bool polls = options.stopped.CanBeRequested();
  while (!IsFree(options)) {
    if (!polls && !options.patience.has_value()) {
      changed_.Wait(lock);
      continue;
    }
    const WaitClock::time_point wake =
        polls ? std::min(deadline, WaitClock::now() + kStoppedInterval) : deadline;
    if (changed_.WaitUntil(lock, wake) == std::cv_status::no_timeout || IsFree(options)) continue;
    if (options.stopped.Requested()) {
      return absl::CancelledError("stopped while waiting for the write lock");
    }
    if (WaitClock::now() < deadline) continue;
    return absl::UnavailableError(
        "results are being written, which may take minutes; try again when the running stores have "
        "ended");
  }
  return absl::OkStatus();
}

absl::Status Writer::RunTransaction(absl::FunctionRef<absl::Status(Database&)> body) {
  STORED_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(*database_, Transaction::Kind::kWrite));
  const int64_t changes = database_->total_changes();
  STORED_RETURN_IF_ERROR(body(*database_));
  // A commit without changes makes nothing durable. How often there is one is a matter of chance:
  // of several workers that claim the same store, only one changes its row.
  const bool durable = database_->total_changes() != changes;
  if (durable) STORED_KILL_POINT(FileName(path()) + ".before_commit");
  STORED_RETURN_IF_ERROR(transaction.Commit());
  if (durable) STORED_KILL_POINT(FileName(path()) + ".after_commit");
  return absl::OkStatus();
}

absl::Status Writer::Write(const WriteOptions& options,
                           absl::FunctionRef<absl::Status(Database&)> body) {
  STORED_ASSIGN_OR_RETURN(const WriteLock lock, WriteLock::Acquire(*this, options));
  if (options.checkpoint_at_commit) return RunTransaction(body);
  database_->SetCheckpointAtCommit(false);
  const absl::Cleanup restore = [this] { database_->SetCheckpointAtCommit(true); };
  return RunTransaction(body);
}

int Writer::waiting() {
  const MutexLock lock(mutex_);
  return waiting_;
}

void Writer::Checkpoint() {
  if (checkpoint_waits_.exchange(true)) return;
  const absl::StatusOr<WriteLock> lock = WriteLock::Acquire(*this, WriteOptions());
  checkpoint_waits_ = false;
  if (!lock.ok()) return;  // Does not happen with the default options.
  database_->Checkpoint();
  database_->ReleaseMemory();
}

}  // namespace stored::storage::sqlite
