#include "storage/sqlite/gc/session_garbage.h"

#include <cstdint>
#include <map>
#include <utility>

#include "base/status.h"
#include "storage/policy/retention.h"
#include "storage/session.h"

namespace stored::storage::sqlite {
namespace {

struct EndedSessions {
  std::vector<int64_t> sequences;
  std::map<std::string, std::vector<std::string>> tokens_by_product;
};

// Returns sessions that ended at or before `ended_by`; at most as many as one transaction removes.
absl::StatusOr<EndedSessions> FindEnded(ReaderPool& readers, bool consumed, absl::Time ended_by) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers.Acquire());
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare("SELECT sequence, product, token FROM stores INDEXED BY stores_by_end WHERE "
                      "consumed = ? AND finished_at IS NOT NULL AND finished_at <= ? ORDER BY "
                      "finished_at LIMIT ?"));
  select.BindAll(consumed, ended_by, TransactionBudget::kRows);
  EndedSessions ended;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return ended;
    ended.sequences.push_back(select.Int(0));
    ended.tokens_by_product[select.String(1)].push_back(select.String(2));
  }
}

absl::Status RemoveSessions(Writer& writer, const std::vector<int64_t>& sequences, GcPace& pace,
                            int64_t& removed) {
  size_t next = 0;
  return InSmallTransactions(
      writer, pace, [&](Database& database, TransactionBudget& budget) -> absl::StatusOr<bool> {
        for (; next < sequences.size(); ++next) {
          if (!budget.Spend()) return true;
          STORED_RETURN_IF_ERROR(
              database.Run("DELETE FROM stores WHERE sequence = ? AND finished_at IS NOT NULL",
                           sequences[next]));
          removed += database.changes();
        }
        return false;
      });
}

absl::Status RemoveEnded(Writer& writer, ReaderPool& readers, bool consumed, absl::Time ended_by,
                         const ForgetTokens& forget, GcPace& pace, int64_t& removed) {
  while (true) {
    STORED_RETURN_IF_ERROR(CheckStopped(pace));
    STORED_ASSIGN_OR_RETURN(const EndedSessions ended, FindEnded(readers, consumed, ended_by));
    if (ended.sequences.empty()) return absl::OkStatus();
    for (const auto& [product, tokens] : ended.tokens_by_product) {
      STORED_RETURN_IF_ERROR(forget(product, tokens));
    }
    STORED_RETURN_IF_ERROR(RemoveSessions(writer, ended.sequences, pace, removed));
  }
}

absl::StatusOr<int64_t> CountEnded(ReaderPool& readers, bool consumed, absl::Time ended_by) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers.Acquire());
  STORED_ASSIGN_OR_RETURN(
      Statement count,
      reader->Prepare("SELECT count(*) FROM stores INDEXED BY stores_by_end WHERE consumed = ? AND "
                      "finished_at IS NOT NULL AND finished_at <= ?"));
  count.BindAll(consumed, ended_by);
  STORED_RETURN_IF_ERROR(count.Step().status());
  return count.Int(0);
}

}  // namespace

absl::Status RemoveEndedSessions(Writer& writer, ReaderPool& readers, const GarbageRules& rules,
                                 const ForgetTokens& forget, GcPace& pace, Garbage& removed) {
  const SessionGcBounds bounds = SessionBoundsFor(rules);
  STORED_RETURN_IF_ERROR(RemoveEnded(writer, readers, true, bounds.consumed_by, forget, pace,
                                     removed.consumed_stores));
  return RemoveEnded(writer, readers, false, bounds.unconsumed_by, forget, pace,
                     removed.unconsumed_stores);
}

absl::Status CountEndedSessions(ReaderPool& readers, const GarbageRules& rules, Garbage& counted) {
  const SessionGcBounds bounds = SessionBoundsFor(rules);
  STORED_ASSIGN_OR_RETURN(counted.consumed_stores, CountEnded(readers, true, bounds.consumed_by));
  STORED_ASSIGN_OR_RETURN(counted.unconsumed_stores,
                          CountEnded(readers, false, bounds.unconsumed_by));
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> OldestUnfinished(ReaderPool& readers) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers.Acquire());
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare("SELECT min(enqueued_at) FROM stores WHERE state IN (?, ?)"));
  select.BindAll(static_cast<int>(StoreState::kEnqueued), static_cast<int>(StoreState::kRunning));
  STORED_RETURN_IF_ERROR(select.Step().status());
  return select.OptionalTime(0).value_or(absl::InfiniteFuture());
}

}  // namespace stored::storage::sqlite
