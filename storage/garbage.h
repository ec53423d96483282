#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

// What nobody needs any more: which it is, and what came of removing it.
namespace stored::storage {

// Products have retentions of their own (product_settings.h), runs a lifetime.
struct GarbageRules {
  absl::Time now;
  // Store sessions since their end: whose end a client has seen, and others.
  absl::Duration keep_consumed = absl::Hours(7 * 24);
  absl::Duration keep_unconsumed = absl::Hours(30 * 24);
  // Source contents since they were found to be mentioned nowhere. Longer than any client takes
  // from asking which contents are missing to the token: until then it may rely on the answer.
  absl::Duration keep_unreferenced = absl::Hours(24);
};

struct ProductGarbage {
  // Names that are kept; a collection may remove any number of runs.
  static constexpr size_t kMaxRunNames = 1000;

  std::string product;
  // The first of them, and how many there are.
  std::vector<std::string> expired_runs;
  int64_t expired_run_count = 0;
  // Those of removed runs included.
  int64_t reports = 0;
  int64_t history_entries = 0;
  int64_t contents = 0;
  // As they are kept.
  int64_t content_bytes = 0;

  friend bool operator==(const ProductGarbage&, const ProductGarbage&) = default;

  bool empty() const {
    return expired_run_count == 0 && reports == 0 && history_entries == 0 && contents == 0;
  }
};

struct Garbage {
  int64_t consumed_stores = 0;
  int64_t unconsumed_stores = 0;
  // With something in them; by name.
  std::vector<ProductGarbage> products;

  friend bool operator==(const Garbage&, const Garbage&) = default;

  bool empty() const { return consumed_stores == 0 && unconsumed_stores == 0 && products.empty(); }
};

// Lets a collection be slow, and be stopped. Called from the collection's thread.
class GcPace {
 public:
  virtual ~GcPace() = default;

  // Between two transactions, the last of which took so long; may wait.
  virtual void Rest(absl::Duration took) = 0;
  // Asked often; true ends the collection before its next transaction.
  virtual bool Stopped() = 0;
};

}  // namespace stored::storage
