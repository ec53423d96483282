#include "storage/sqlite/queue/claim_query.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

// The SQL has the numbers of the states in it, so that SQLite can use the indexes.
static_assert(static_cast<int>(StoreState::kEnqueued) == 2);
static_assert(static_cast<int>(StoreState::kRunning) == 3);

// Takes one index lookup for each product, however long its queue is.
constexpr std::string_view kNextWaitingProduct =
    "SELECT min(product) FROM stores WHERE state = 2 AND product > ?";
constexpr std::string_view kRunningOfProduct =
    "SELECT count(*) FROM stores WHERE state = 3 AND product = ?";
constexpr std::string_view kAllRunning =
    "SELECT count(*), count(DISTINCT product) FROM stores WHERE state = 3";
// Skips the stores that wait for a busy run without reading their rows, however many they are.
constexpr std::string_view kOldestClaimable =
    "SELECT sequence FROM stores WHERE state = 2 AND product = ?1 AND run_name NOT IN "
    "(SELECT run_name FROM stores WHERE state = 3 AND product = ?1) ORDER BY sequence LIMIT 1";

absl::StatusOr<int64_t> CountRunning(Database& database, const std::string& product) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kRunningOfProduct));
  select.BindAll(product);
  STORED_RETURN_IF_ERROR(select.Step().status());
  return select.Int(0);
}

absl::StatusOr<std::vector<WaitingProduct>> WaitingProducts(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kNextWaitingProduct));
  std::vector<WaitingProduct> products;
  std::string after;
  while (true) {
    select.BindAll(after);
    STORED_RETURN_IF_ERROR(select.Step().status());
    if (select.IsNull(0)) return products;
    after = select.String(0);
    STORED_ASSIGN_OR_RETURN(const int64_t running, CountRunning(database, after));
    products.push_back({after, running});
  }
}

absl::StatusOr<ClaimRoom> FindRoom(Database& database, const SessionQueue::ClaimRules& rules) {
  // Counting is not needed then.
  if (rules.max_running <= 0) return ClaimRoom::kAny;
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kAllRunning));
  select.BindAll();
  STORED_RETURN_IF_ERROR(select.Step().status());
  return RoomFor(rules, {select.Int(0), select.Int(1)});
}

}  // namespace

absl::StatusOr<std::optional<int64_t>> FindNextClaim(Database& database,
                                                     const SessionQueue::ClaimRules& rules,
                                                     ClaimOrder& order) {
  STORED_ASSIGN_OR_RETURN(const ClaimRoom room, FindRoom(database, rules));
  if (room == ClaimRoom::kNone) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(const std::vector<WaitingProduct> products, WaitingProducts(database));
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kOldestClaimable));
  for (const std::string& product : order.Order(rules, room, products)) {
    select.BindAll(product);
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (row) return select.Int(0);
  }
  return std::nullopt;
}

absl::StatusOr<bool> HasRoom(Database& database, const SessionQueue::ClaimRules& rules,
                             const StoreSession& session) {
  STORED_ASSIGN_OR_RETURN(const ClaimRoom room, FindRoom(database, rules));
  if (room != ClaimRoom::kIdleProducts) return room == ClaimRoom::kAny;
  STORED_ASSIGN_OR_RETURN(const int64_t running, CountRunning(database, session.request.product));
  return Allows(room, running);
}

}  // namespace stored::storage::sqlite
