#include "storage/sqlite/queue/claim_order.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "base/status.h"

namespace stored::storage::sqlite {
namespace {

// State numbers stand in the SQL, so that the indexes can serve it.
static_assert(static_cast<int>(StoreState::kEnqueued) == 2);
static_assert(static_cast<int>(StoreState::kRunning) == 3);

// One look into the index a product, however long its queue is.
constexpr std::string_view kNextWaitingProduct =
    "SELECT min(product) FROM stores WHERE state = 2 AND product > ?";
constexpr std::string_view kRunningOfProduct =
    "SELECT count(*) FROM stores WHERE state = 3 AND product = ?";
constexpr std::string_view kAllRunning =
    "SELECT count(*), count(DISTINCT product) FROM stores WHERE state = 3";
// However many wait for one busy run, they are passed over in the index alone.
constexpr std::string_view kOldestClaimable =
    "SELECT sequence FROM stores WHERE state = 2 AND product = ?1 AND run_name NOT IN "
    "(SELECT run_name FROM stores WHERE state = 3 AND product = ?1) ORDER BY sequence LIMIT 1";

absl::StatusOr<std::vector<std::string>> WaitingProducts(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kNextWaitingProduct));
  std::vector<std::string> products;
  std::string after;
  while (true) {
    select.BindAll(after);
    STORED_RETURN_IF_ERROR(select.Step().status());
    if (select.IsNull(0)) return products;
    after = select.String(0);
    products.push_back(after);
  }
}

// How many stores are RUNNING, and into how many products.
struct Running {
  int64_t stores = 0;
  int64_t products = 0;
};

absl::StatusOr<Running> CountAllRunning(Database& database) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kAllRunning));
  select.BindAll();
  STORED_RETURN_IF_ERROR(select.Step().status());
  return Running{select.Int(0), select.Int(1)};
}

// Which sessions may be claimed beside those that are RUNNING.
enum class Room { kNone, kProductsWithoutRunning, kAny };

absl::StatusOr<Room> FindRoom(Database& database, const SessionQueue::ClaimRules& rules) {
  if (rules.max_running <= 0) return Room::kAny;
  STORED_ASSIGN_OR_RETURN(const Running running, CountAllRunning(database));
  if (running.stores < rules.max_running) return Room::kAny;
  return running.products < rules.max_running ? Room::kProductsWithoutRunning : Room::kNone;
}

absl::StatusOr<int64_t> CountRunning(Database& database, const std::string& product) {
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kRunningOfProduct));
  select.BindAll(product);
  STORED_RETURN_IF_ERROR(select.Step().status());
  return select.Int(0);
}

}  // namespace

absl::StatusOr<std::optional<int64_t>> ClaimOrder::FindNext(Database& database,
                                                            const SessionQueue::ClaimRules& rules) {
  STORED_ASSIGN_OR_RETURN(const Room room, FindRoom(database, rules));
  if (room == Room::kNone) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(std::vector<std::string> products, WaitingProducts(database));
  std::vector<std::tuple<int64_t, int64_t, std::string>> order;
  order.reserve(products.size());
  for (std::string& product : products) {
    if (rules.left_out.contains(product)) continue;
    STORED_ASSIGN_OR_RETURN(const int64_t running, CountRunning(database, product));
    if (running > 0 && room == Room::kProductsWithoutRunning) continue;
    const int64_t turn = LastTurn(product);
    order.emplace_back(running, turn, std::move(product));
  }
  std::sort(order.begin(), order.end());
  STORED_ASSIGN_OR_RETURN(Statement select, database.Prepare(kOldestClaimable));
  for (const auto& [running, turn, product] : order) {
    select.BindAll(product);
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (row) return select.Int(0);
  }
  return std::nullopt;
}

absl::StatusOr<bool> ClaimOrder::HasRoom(Database& database, const SessionQueue::ClaimRules& rules,
                                         const StoreSession& session) {
  STORED_ASSIGN_OR_RETURN(const Room room, FindRoom(database, rules));
  if (room != Room::kProductsWithoutRunning) return room == Room::kAny;
  STORED_ASSIGN_OR_RETURN(const int64_t running, CountRunning(database, session.request.product));
  return running == 0;
}

void ClaimOrder::Claimed(const std::string& product) {
  const std::lock_guard lock(mutex_);
  last_turn_[product] = ++turns_;
}

int64_t ClaimOrder::LastTurn(const std::string& product) {
  const std::lock_guard lock(mutex_);
  const auto found = last_turn_.find(product);
  return found == last_turn_.end() ? 0 : found->second;
}

}  // namespace stored::storage::sqlite
