#include "engine/status/queue_order.h"

namespace stored::engine {

using storage::StoreSession;
using storage::StoreState;

QueueOrder::Waiting& QueueOrder::Waiting::operator+=(const Waiting& other) {
  stores += other.stores;
  bytes += other.bytes;
  return *this;
}

QueueOrder::Waiting& QueueOrder::Waiting::operator-=(const Waiting& other) {
  stores -= other.stores;
  bytes -= other.bytes;
  return *this;
}

QueueOrder::Products& QueueOrder::Products::operator+=(const Products& other) {
  products += other.products;
  stores += other.stores;
  bytes_of_one += other.bytes_of_one;
  bytes_of_all += other.bytes_of_all;
  return *this;
}

QueueOrder::Products& QueueOrder::Products::operator-=(const Products& other) {
  products -= other.products;
  stores -= other.stores;
  bytes_of_one -= other.bytes_of_one;
  bytes_of_all -= other.bytes_of_all;
  return *this;
}

QueueOrder::Products QueueOrder::SummaryOf(const Waiting& waiting) {
  if (waiting.stores == 0) return {};
  const int64_t average = waiting.bytes / waiting.stores;
  return {1, waiting.stores, average, average * waiting.stores};
}

void QueueOrder::ChangeWaiting(Product& product, int64_t sequence, int64_t stores, int64_t bytes) {
  const Waiting before = product.waiting.total();
  if (before.stores > 0) by_waiting_.Subtract(before.stores, SummaryOf(before));
  if (stores > 0) {
    product.waiting.Add(sequence, {stores, bytes});
  } else {
    product.waiting.Subtract(sequence, {-stores, -bytes});
  }
  const Waiting after = product.waiting.total();
  if (after.stores > 0) by_waiting_.Add(after.stores, SummaryOf(after));
}

void QueueOrder::Add(const StoreSession& session) {
  Product& product = products_[session.request.product];
  if (session.state == StoreState::kRunning) {
    product.running[session.request.run_name][session.sequence] = session.payload.size;
  } else {
    ChangeWaiting(product, session.sequence, 1, session.payload.size);
  }
}

void QueueOrder::Remove(const StoreSession& session) {
  const auto found = products_.find(session.request.product);
  if (found == products_.end()) return;
  Product& product = found->second;
  if (session.state == StoreState::kRunning) {
    const auto run = product.running.find(session.request.run_name);
    if (run == product.running.end()) return;
    run->second.erase(session.sequence);
    if (run->second.empty()) product.running.erase(run);
  } else {
    ChangeWaiting(product, session.sequence, -1, -session.payload.size);
  }
  if (product.running.empty() && product.waiting.total().stores == 0) products_.erase(found);
}

QueueOrder::Ahead QueueOrder::TurnsOf(const Products& up_to_turns, const Products& with_more,
                                      int64_t turns) {
  return {up_to_turns.stores + with_more.products * turns,
          up_to_turns.bytes_of_all + with_more.bytes_of_one * turns};
}

QueueOrder::Ahead QueueOrder::Before(const StoreSession& session) const {
  const auto found = products_.find(session.request.product);
  if (found == products_.end()) return {};
  const Product& product = found->second;
  const Waiting older = product.waiting.Before(session.sequence);
  Ahead ahead = {older.stores, older.bytes};
  const auto run = product.running.find(session.request.run_name);
  if (run != product.running.end()) {
    for (const auto& [sequence, bytes] : run->second) {
      if (sequence >= session.sequence) break;
      ++ahead.stores;
      ahead.bytes += bytes;
    }
  }
  // The sums over the products whose waiting stores all come first, and over the others. Both
  // without the product of the store itself.
  const int64_t turns = ahead.stores;
  Products all_first = by_waiting_.Before(turns + 1);
  Products some_first = by_waiting_.total();
  some_first -= all_first;
  const Waiting own = product.waiting.total();
  (own.stores <= turns ? all_first : some_first) -= SummaryOf(own);
  const Ahead others = TurnsOf(all_first, some_first, turns);
  ahead.stores += others.stores;
  ahead.bytes += others.bytes;
  return ahead;
}

int64_t QueueOrder::lookups() const {
  int64_t lookups = by_waiting_.lookups();
  for (const auto& [name, product] : products_) lookups += product.waiting.lookups();
  return lookups;
}

}  // namespace stored::engine
