#include "storage/sqlite/connections.h"

#include <utility>

#include "base/kill_point.h"
#include "base/status.h"

namespace stored::storage {
namespace {

constexpr size_t kIdleReaders = 8;
constexpr int kReaderCacheKib = 4 << 10;

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

absl::Status Writer::Write(absl::FunctionRef<absl::Status(Database&)> body) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STORED_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(*database_, Transaction::Kind::kWrite));
  STORED_RETURN_IF_ERROR(body(*database_));
  STORED_KILL_POINT(FileName(path()) + ".before_commit");
  STORED_RETURN_IF_ERROR(transaction.Commit());
  STORED_KILL_POINT(FileName(path()) + ".after_commit");
  return absl::OkStatus();
}

void Writer::ReleaseMemory() {
  const std::lock_guard<std::mutex> lock(mutex_);
  database_->ReleaseMemory();
}

}  // namespace stored::storage
