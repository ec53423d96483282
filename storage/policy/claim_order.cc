#include "storage/policy/claim_order.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace stored::storage {

ClaimRoom RoomFor(const SessionQueue::ClaimRules& rules, const RunningStores& running) {
  if (rules.max_running <= 0 || running.stores < rules.max_running) return ClaimRoom::kAny;
  return running.products < rules.max_running ? ClaimRoom::kIdleProducts : ClaimRoom::kNone;
}

bool Allows(ClaimRoom room, int64_t running_in_product) {
  return room == ClaimRoom::kAny || (room == ClaimRoom::kIdleProducts && running_in_product == 0);
}

std::vector<std::string> ClaimOrder::Order(const SessionQueue::ClaimRules& rules, ClaimRoom room,
                                           const std::vector<WaitingProduct>& products) {
  std::vector<std::tuple<int64_t, int64_t, std::string>> order;
  order.reserve(products.size());
  {
    const MutexLock lock(mutex_);
    for (const WaitingProduct& product : products) {
      if (rules.left_out.contains(product.name) || !Allows(room, product.running)) continue;
      const auto turn = last_turn_.find(product.name);
      order.emplace_back(product.running, turn == last_turn_.end() ? 0 : turn->second,
                         product.name);
    }
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> names;
  names.reserve(order.size());
  for (auto& [running, turn, name] : order) names.push_back(std::move(name));
  return names;
}

void ClaimOrder::NoteTurn(const std::string& product) {
  const MutexLock lock(mutex_);
  last_turn_[product] = ++turns_;
}

}  // namespace stored::storage
