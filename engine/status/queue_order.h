#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "engine/status/prefix_sums.h"
#include "storage/session.h"

namespace stored::engine {

// The stores in progress, and an estimate of the order in which workers claim them: how many
// stores, and how many bytes, come before a store that waits.
//
// A store waits for the older ENQUEUED stores of its product and for the older RUNNING store of its
// run. Products take turns: for each store of its own product that it waits for, one store of each
// other product comes first too, as long as that product has ENQUEUED stores left. A RUNNING store
// delays no other run.
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

  // Returns how many partial sums Before() has looked up so far: a measure of its work for tests.
  int64_t lookups() const;

 private:
  // A sum over ENQUEUED stores.
  struct Waiting {
    int64_t stores = 0;
    int64_t bytes = 0;

    Waiting& operator+=(const Waiting& other);
    Waiting& operator-=(const Waiting& other);
    friend bool operator==(const Waiting&, const Waiting&) = default;
  };
  // A sum over products that have ENQUEUED stores.
  struct Products {
    int64_t products = 0;
    int64_t stores = 0;
    // The bytes of an average store of each product, added once for the product, and once for each
    // of its stores.
    int64_t bytes_of_one = 0;
    int64_t bytes_of_all = 0;

    Products& operator+=(const Products& other);
    Products& operator-=(const Products& other);
    friend bool operator==(const Products&, const Products&) = default;
  };
  struct Product {
    // By sequence.
    PrefixSums<Waiting> waiting;
    // The RUNNING stores of each run: bytes by sequence.
    absl::flat_hash_map<std::string, std::map<int64_t, int64_t>> running;
  };

  static Products SummaryOf(const Waiting& waiting);
  // Returns what products claim in `turns` turns: all stores of the products that have at most
  // `turns`, and `turns` stores of each product that has more.
  static Ahead TurnsOf(const Products& up_to_turns, const Products& with_more, int64_t turns);
  void ChangeWaiting(Product& product, int64_t sequence, int64_t stores, int64_t bytes);

  absl::flat_hash_map<std::string, Product> products_;
  // By the number of the product's ENQUEUED stores.
  PrefixSums<Products> by_waiting_;
};

}  // namespace stored::engine
