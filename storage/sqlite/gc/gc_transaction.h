#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/garbage.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/connection/database.h"

// What the parts of a garbage collection share.
namespace stored::storage::sqlite {

// The token of a store into the run that is ENQUEUED or RUNNING; nothing when there is none.
using UnfinishedStore =
    std::function<absl::StatusOr<std::optional<std::string>>(const std::string& run_name)>;

// What in a product has been kept for long enough.
struct GcBounds {
  // Runs whose lifetime has ended by now.
  absl::Time now;
  // Contents that were marked as unreferenced before this; reports closed, and history entries
  // stored, by then. InfinitePast is none.
  absl::Time marked_before = absl::InfinitePast();
  absl::Time closed_by = absl::InfinitePast();
  absl::Time stored_by = absl::InfinitePast();
};

// A product's database that is collected. All of it outlives the object.
struct GcTarget {
  Writer& writer;
  std::function<absl::StatusOr<ReaderPool::Reader>()> read;
  const GcBounds& bounds;
  const UnfinishedStore& unfinished;
  GcPace& pace;
};

// How much of a transaction is left: others wait for its end. In rows, and in time, for a row may
// be large.
class TransactionBudget {
 public:
  static constexpr int kRows = 500;
  static constexpr absl::Duration kTime = absl::Milliseconds(20);

  TransactionBudget();

  // Counts a row that is about to be removed; false when it is to be left to the next transaction.
  // The first one never is.
  bool Spend();

 private:
  const absl::Duration end_;
  int rows_ = 0;
};

// Runs `step` in one write transaction after another, letting others go first, for as long as it
// answers that there is more to do. CANCELLED when the pace has stopped.
absl::Status InSmallTransactions(
    Writer& writer, GcPace& pace,
    absl::FunctionRef<absl::StatusOr<bool>(Database&, TransactionBudget&)> step);

// CANCELLED when the pace has stopped.
absl::Status CheckStopped(GcPace& pace);

}  // namespace stored::storage::sqlite
