#include "storage/sqlite/gc/gc_transaction.h"

#include "base/status.h"
#include "base/time/clock.h"

namespace stored::storage::sqlite {

TransactionBudget::TransactionBudget() : end_(Clock::System().Monotonic() + kTime) {}

bool TransactionBudget::Spend() {
  if (rows_ > 0 && (rows_ >= kRows || Clock::System().Monotonic() >= end_)) return false;
  ++rows_;
  return true;
}

absl::Status CheckStopped(GcPace& pace) {
  if (!pace.Stopped()) return absl::OkStatus();
  return absl::CancelledError("the garbage collection was stopped; the next one removes the rest");
}

absl::Status InSmallTransactions(
    Writer& writer, GcPace& pace,
    absl::FunctionRef<absl::StatusOr<bool>(Database&, TransactionBudget&)> step) {
  const WriteOptions options = {.stopped = [&pace] { return pace.Stopped(); }, .when_idle = true};
  for (bool more = true; more;) {
    STORED_RETURN_IF_ERROR(CheckStopped(pace));
    absl::Duration took;
    STORED_RETURN_IF_ERROR(writer.Write(options, [&](Database& database) -> absl::Status {
      const absl::Duration start = Clock::System().Monotonic();
      TransactionBudget budget;
      STORED_ASSIGN_OR_RETURN(more, step(database, budget));
      took = Clock::System().Monotonic() - start;
      return absl::OkStatus();
    }));
    pace.Rest(took);
  }
  return absl::OkStatus();
}

}  // namespace stored::storage::sqlite
