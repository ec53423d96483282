#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

// Garbage collection: the rules that decide what is garbage, and counts of what was removed.
namespace stored::storage {

// Rules for all products. Products also have retentions of their own (product_settings.h), and runs
// a lifetime.
struct GarbageRules {
  absl::Time now;
  // How long a store session is kept after its end: keep_consumed if a client has seen the end,
  // else keep_unconsumed.
  absl::Duration keep_consumed = absl::Hours(7 * 24);
  absl::Duration keep_unconsumed = absl::Hours(30 * 24);
  // How long a source content is kept after no file version refers to it any more. Must be longer
  // than any client takes from its call of FindMissingContents until its upload is accepted:
  // meanwhile the client relies on the result.
  absl::Duration keep_unreferenced = absl::Hours(24);
};

struct ProductGarbage {
  // The largest number of names in expired_runs.
  static constexpr size_t kMaxRunNames = 1000;

  std::string product;
  // Names of the first runs past their lifetime, and the number of all of them.
  std::vector<std::string> expired_runs;
  int64_t expired_run_count = 0;
  // Includes the reports of removed runs.
  int64_t reports = 0;
  int64_t history_entries = 0;
  int64_t contents = 0;
  // The compressed size of the contents.
  int64_t content_bytes = 0;

  friend bool operator==(const ProductGarbage&, const ProductGarbage&) = default;

  bool empty() const {
    return expired_run_count == 0 && reports == 0 && history_entries == 0 && contents == 0;
  }
};

struct Garbage {
  int64_t consumed_stores = 0;
  int64_t unconsumed_stores = 0;
  // The products that have garbage, sorted by name.
  std::vector<ProductGarbage> products;

  friend bool operator==(const Garbage&, const Garbage&) = default;

  bool empty() const { return consumed_stores == 0 && unconsumed_stores == 0 && products.empty(); }
};

// Slows down or stops a garbage collection, which calls it from its own thread.
class GcPace {
 public:
  virtual ~GcPace() = default;

  // Called between two transactions, with the time that the last one took. May wait.
  virtual void Rest(absl::Duration took) = 0;
  // Returns true to end the garbage collection before its next transaction. Called often.
  virtual bool Stopped() = 0;
};

}  // namespace stored::storage
