#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "storage/garbage.h"
#include "storage/policy/product_settings.h"
#include "storage/product_results.h"
#include "storage/session_queue.h"

namespace stored::storage {

struct ProductSummary {
  std::string name;
  absl::Time created_at;
  int32_t run_count = 0;
  int64_t database_bytes = 0;
  ProductSettings settings;
};

inline constexpr char kDefaultProduct[] = "default";

// Everything durable but the spool's files. Safe for concurrent use. storage/sqlite/ has the
// implementation; storage/conformance/ a suite that any other must pass.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual SessionQueue& queue() = 0;

  // Who works the queue notes it before the first claim and after the last store, so that the next
  // one can tell whether those that are RUNNING were given back to nobody (the disk was full) or
  // may have taken their server down. Durable when these return OK; MarkStopped needs no room on
  // the disk. After an error of MarkStopped the next one finds a crash; after one of MarkWorking it
  // might not find one, so no store is to be claimed.
  virtual absl::Status MarkWorking() = 0;
  virtual absl::Status MarkStopped() = 0;
  // When the store was opened: whether the last one who called MarkWorking called MarkStopped too.
  // False when there was nobody.
  virtual bool stopped_cleanly() const = 0;

  // What was found when the store was opened that does not keep it from working, but may mean that
  // something is lost: a line each, for the server's log.
  virtual const std::vector<std::string>& start_warnings() const = 0;

  // By name.
  virtual absl::StatusOr<std::vector<ProductSummary>> ListProducts() = 0;
  // INVALID_ARGUMENT: not 1 to 64 of [a-z0-9_-] starting with a letter or digit; ALREADY_EXISTS.
  virtual absl::StatusOr<ProductSummary> CreateProduct(const std::string& name,
                                                       const ProductSettings& settings,
                                                       absl::Time now) = 0;
  // NOT_FOUND: no such product.
  virtual absl::StatusOr<ProductSummary> UpdateProduct(const std::string& name,
                                                       const ProductSettingsChange& change) = 0;
  // Removes the product with all its results; its ENQUEUED sessions FAIL with kProductGone.
  // NOT_FOUND; FAILED_PRECONDITION for kDefaultProduct or while a store into it is RUNNING.
  virtual absl::Status DeleteProduct(const std::string& name, absl::Time now) = 0;

  // NOT_FOUND: no such product. The object stays usable while held, if the product goes too: its
  // calls then answer NOT_FOUND or an error, never with another product's results.
  virtual absl::StatusOr<std::shared_ptr<ProductResults>> Results(const std::string& product) = 0;
  // From memory. NOT_FOUND: no such product.
  virtual absl::StatusOr<ProductSettings> Settings(const std::string& product) = 0;

  // Removes a run with all its results: gone for every query when this returns, and its name is
  // free; the rows go with the next garbage collection. NOT_FOUND: no such product or run;
  // FAILED_PRECONDITION: a store into it is ENQUEUED or RUNNING. UNAVAILABLE: an ingest into the
  // product has been writing for longer than anybody should wait; try again.
  virtual absl::Status RemoveRun(const std::string& product, const std::string& run_name) = 0;

  // Removes what `rules`, the products' settings and the runs' lifetimes say, in small transactions
  // between which others get their turn: an ingest that waits goes first.
  //   Runs past their lifetime, and reports closed too long ago, stay while a store into their run
  //   is ENQUEUED or RUNNING. Entries of a run's history that are the newest, tagged, or referred
  //   to by a report stay. Source contents that nothing mentions are marked, which makes them
  //   missing for whoever asks, and go in a later collection, unless an ingest names them again:
  //   when they have been marked for longer than rules.keep_unreferenced, and were marked so long
  //   before the oldest store in progress was accepted.
  // What went is added to `removed`, also that of a collection that ends with an error: CANCELLED
  // when `pace` stopped it. A product that cannot be collected does not keep others from it.
  virtual absl::Status CollectGarbage(const GarbageRules& rules, GcPace& pace,
                                      Garbage& removed) = 0;
  // What CollectGarbage would remove now.
  virtual absl::StatusOr<Garbage> CountGarbage(const GarbageRules& rules, GcPace& pace) = 0;

  // Hands copies of all databases to `target`, and the names of the payloads that stores in
  // progress need, such that a server started on them goes on from there: what had been
  // acknowledged when the call began ends as it would have here, once. Holds up nobody.
  // `work_directory` takes one copy at a time. Errors of `target` are returned as they are;
  // CANCELLED when it asked for that; RESOURCE_EXHAUSTED when the disk is full.
  virtual absl::Status Backup(const std::string& work_directory, BackupTarget& target) = 0;
};

}  // namespace stored::storage
