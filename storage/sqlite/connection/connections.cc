#include "storage/sqlite/connection/connections.h"

#include <chrono>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/kill_point.h"
#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

constexpr size_t kIdleReaders = 8;
constexpr int kReaderCacheKib = 4 << 10;
// How often work in the background, while others write, looks whether it is to stop.
constexpr auto kStoppedInterval = std::chrono::milliseconds(20);

// For the names of kill points.
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
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> database = std::move(idle_.back());
      idle_.pop_back();
      return database;
    }
  }
  return Database::Open(path_, Database::Mode::kReadOnly, kReaderCacheKib);
}

void ReaderPool::GiveBack(std::unique_ptr<Database> database) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(database));
}

class Writer::Turn {
 public:
  static Turn Take(Writer& writer) {
    std::unique_lock lock(writer.mutex_);
    ++writer.waiting_;
    writer.changed_.wait(lock, [&] { return !writer.taken_; });
    --writer.waiting_;
    return Turn(writer);
  }

  static std::optional<Turn> TakeUnless(Writer& writer, absl::FunctionRef<bool()> stopped) {
    return TakeAfter(writer, [&](std::unique_lock<std::mutex>& lock) {
      const auto free = [&] { return !writer.taken_; };
      while (!writer.changed_.wait_for(lock, kStoppedInterval, free)) {
        if (stopped()) return false;
      }
      return true;
    });
  }

  static std::optional<Turn> TakeWithin(Writer& writer, absl::Duration patience) {
    return TakeAfter(writer, [&](std::unique_lock<std::mutex>& lock) {
      return writer.changed_.wait_for(lock, absl::ToChronoMilliseconds(patience),
                                      [&] { return !writer.taken_; });
    });
  }

  static std::optional<Turn> TakeWhenIdle(Writer& writer, absl::FunctionRef<bool()> stopped) {
    std::unique_lock lock(writer.mutex_);
    const auto idle = [&] { return !writer.taken_ && writer.waiting_ == 0; };
    while (!writer.changed_.wait_for(lock, kStoppedInterval, idle)) {
      if (stopped()) return std::nullopt;
    }
    return Turn(writer);
  }

  Turn(Turn&& other) noexcept : writer_(std::exchange(other.writer_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (writer_ == nullptr) return;
    {
      const std::lock_guard lock(writer_->mutex_);
      writer_->taken_ = false;
    }
    writer_->changed_.notify_all();
  }

 private:
  // Waits in the sight of those in the background; nothing when `wait` gives up.
  template <typename Wait>
  static std::optional<Turn> TakeAfter(Writer& writer, Wait wait) {
    std::unique_lock lock(writer.mutex_);
    ++writer.waiting_;
    const bool free = wait(lock);
    --writer.waiting_;
    if (free) return Turn(writer);
    // Who stood back for this one alone may go on.
    writer.changed_.notify_all();
    return std::nullopt;
  }

  // With the mutex held.
  explicit Turn(Writer& writer) : writer_(&writer) { writer.taken_ = true; }

  Writer* writer_;
};

absl::Status Writer::WriteInTurn(absl::FunctionRef<absl::Status(Database&)> body) {
  STORED_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(*database_, Transaction::Kind::kWrite));
  STORED_RETURN_IF_ERROR(body(*database_));
  STORED_KILL_POINT(FileName(path()) + ".before_commit");
  STORED_RETURN_IF_ERROR(transaction.Commit());
  STORED_KILL_POINT(FileName(path()) + ".after_commit");
  return absl::OkStatus();
}

absl::Status Writer::Write(absl::FunctionRef<absl::Status(Database&)> body) {
  const Turn turn = Turn::Take(*this);
  return WriteInTurn(body);
}

absl::Status Writer::WriteUnless(absl::FunctionRef<bool()> stopped,
                                 absl::FunctionRef<absl::Status(Database&)> body) {
  const std::optional<Turn> turn = Turn::TakeUnless(*this, stopped);
  if (!turn.has_value()) return absl::CancelledError("stopped while others were writing");
  database_->SetCheckpointAtCommit(false);
  const absl::Cleanup as_before = [this] { database_->SetCheckpointAtCommit(true); };
  return WriteInTurn(body);
}

absl::Status Writer::WriteWithin(absl::Duration patience,
                                 absl::FunctionRef<absl::Status(Database&)> body) {
  const std::optional<Turn> turn = Turn::TakeWithin(*this, patience);
  if (turn.has_value()) return WriteInTurn(body);
  return absl::UnavailableError(
      "results are being written, which may take minutes; try again when the running stores have "
      "ended");
}

absl::Status Writer::WriteWhenIdle(absl::FunctionRef<bool()> stopped,
                                   absl::FunctionRef<absl::Status(Database&)> body) {
  const std::optional<Turn> turn = Turn::TakeWhenIdle(*this, stopped);
  if (turn.has_value()) return WriteInTurn(body);
  return absl::CancelledError("stopped while others were writing");
}

int Writer::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void Writer::Checkpoint() {
  if (tidy_up_waits_.exchange(true)) return;
  const Turn turn = Turn::Take(*this);
  tidy_up_waits_ = false;
  database_->Checkpoint();
  database_->ReleaseMemory();
}

}  // namespace stored::storage::sqlite
