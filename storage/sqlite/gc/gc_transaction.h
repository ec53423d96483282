#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "storage/garbage.h"
#include "storage/policy/retention.h"
#include "storage/sqlite/connection/connections.h"
#include "storage/sqlite/connection/database.h"

// Removal of garbage in small transactions.
namespace stored::storage::sqlite {

// Returns the token of an ENQUEUED or RUNNING store into the run; nothing if there is none.
using UnfinishedStore =
    std::function<absl::StatusOr<std::optional<std::string>>(const std::string& run_name)>;

// The database of a product whose garbage is removed or counted. All of it outlives the object.
struct GcTarget {
  Writer& writer;
  std::function<absl::StatusOr<ReaderPool::Reader>()> read;
  const GcBounds& bounds;
  const UnfinishedStore& unfinished;
  GcPace& pace;
};

// Limits how long a transaction holds the write lock, for which other writers wait: a number of
// rows, and a time, because a row may be large.
class TransactionBudget {
 public:
  static constexpr int kRows = 500;
  static constexpr absl::Duration kTime = absl::Milliseconds(20);

  TransactionBudget();

  // Counts a row that is about to be removed. Returns false if the row must be left to the next
  // transaction, but always true for the first row.
  bool Spend();

 private:
  const absl::Duration end_;
  int rows_ = 0;
};

// Runs `step` in one write transaction after another, until it returns false because nothing is
// left to do. Between two transactions, other writers go first. Returns CANCELLED once the pace has
// stopped.
absl::Status InSmallTransactions(
    Writer& writer, GcPace& pace,
    absl::FunctionRef<absl::StatusOr<bool>(Database&, TransactionBudget&)> step);

// Calls `change` for one item after another, in as many small transactions as that takes; in none
// if there are no items. As InSmallTransactions().
template <typename Item>
absl::Status ForEachInSmallTransactions(
    const GcTarget& target, const std::vector<Item>& items,
    absl::FunctionRef<absl::Status(Database&, const Item&)> change) {
  if (items.empty()) return absl::OkStatus();
  size_t next = 0;
  return InSmallTransactions(
      target.writer, target.pace,
      [&](Database& database, TransactionBudget& budget) -> absl::StatusOr<bool> {
        for (; next < items.size(); ++next) {
          if (!budget.Spend()) return true;
          STORED_RETURN_IF_ERROR(change(database, items[next]));
        }
        return false;
      });
}

// Returns CANCELLED if the pace has stopped.
absl::Status CheckStopped(GcPace& pace);

}  // namespace stored::storage::sqlite
