#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "engine/status/prefix_sums.h"
#include "storage/session.h"

namespace stored::engine {

// The stores in progress in the order in which workers claim them, as far as clients are told:
// how many stores, and how many bytes, come before one that waits.
//
// A store waits for the older ENQUEUED stores of its product and for the older RUNNING store of its
// run. Products take turns: for each store that it waits for in its own product, one of each other
// product comes first, as long as that has some. A RUNNING store delays no other run.
//
// All calls take time that is logarithmic in the number of stores ever accepted, so that each of
// 10,000 waiting stores may be polled. Not safe for concurrent use.
class QueueOrder {
 public:
  struct Ahead {
    int64_t stores = 0;
    int64_t bytes = 0;
  };

  // REQUIRES: the session is ENQUEUED or RUNNING, and is not in the order.
  void Add(const storage::StoreSession& session);
  // REQUIRES: Add was called with the session in this state.
  void Remove(const storage::StoreSession& session);

  // Returns what comes before a store that is ENQUEUED and in the order.
  Ahead Before(const storage::StoreSession& session) const;

  // The partial sums that Before() has looked up so far: a measure of its work for tests.
  int64_t lookups() const;

 private:
  // ENQUEUED stores, by the order of their acceptance.
  struct Waiting {
    int64_t stores = 0;
    int64_t bytes = 0;

    Waiting& operator+=(const Waiting& other);
    Waiting& operator-=(const Waiting& other);
    friend bool operator==(const Waiting&, const Waiting&) = default;
  };
  // Products, by the number of their ENQUEUED stores.
  struct Products {
    int64_t products = 0;
    int64_t stores = 0;
    // Bytes of an average store of each product: once for the product, and once for each store.
    int64_t bytes_of_one = 0;
    int64_t bytes_of_all = 0;

    Products& operator+=(const Products& other);
    Products& operator-=(const Products& other);
    friend bool operator==(const Products&, const Products&) = default;
  };
  struct Product {
    PrefixSums<Waiting> waiting;
    // RUNNING stores of each run: bytes by the order of acceptance.
    absl::flat_hash_map<std::string, std::map<int64_t, int64_t>> running;
  };

  static Products SummaryOf(const Waiting& waiting);
  // Returns the share of products that come first when each takes at most `turns` turns.
  static Ahead TurnsOf(const Products& up_to_turns, const Products& with_more, int64_t turns);
  void ChangeWaiting(Product& product, int64_t sequence, int64_t stores, int64_t bytes);

  absl::flat_hash_map<std::string, Product> products_;
  PrefixSums<Products> by_waiting_;
};

}  // namespace stored::engine
