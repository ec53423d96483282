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

// All durable state except the files of the spool (spool.h). Safe for concurrent use. Implemented
// in storage/sqlite; storage/conformance is the test suite that every implementation must pass.
//
// One server only. These promises hold for one server process at a time on one data directory,
// which the SQLite backend enforces by a lock on a file in it. A backend that several servers share
// must give each of them another meaning:
//   Recovery       Before its first claim, a server takes every RUNNING session for one that an
//                  earlier server left (SessionQueue::Running, stopped_cleanly, engine/work). With
//                  several servers, a session needs a lease that names its server.
//   Claims         The turns that products take are counted in the memory of the process
//                  (SessionQueue::ClaimNext): they start anew after a restart, and each server
//                  would count its own. ClaimRules::max_running counts the RUNNING sessions of all
//                  servers. A worker that finds no session to claim sleeps until its own server
//                  accepts or ends a store; it does not poll for those of another server.
//   Status         Progress, heartbeats and the revisions between two durable ones are in the
//                  memory of the server that runs the store (engine/status). Another server knows
//                  only what SessionQueue keeps, and its watchers are not told of changes. A
//                  running store learns of RequestCancel only from its own server.
//   Products       The products and their settings are read once, at the start, and then kept in
//                  memory (Results, Settings). A change by another server would not be seen.
//   Write lock     A lock in the process lets one thread at a time write to a product: an ingest, a
//                  checkpoint, garbage collection.
//   Backup         A lock in the process keeps CollectGarbage from removing ended sessions while
//                  Backup runs.
//   Spool          A local directory (spool.h): only the server that received a payload, or one
//                  that sees the same directory, can run its store or continue its upload.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual SessionQueue& queue() = 0;

  // The server calls MarkWorking before its first claim and MarkStopped after its last store, so
  // that the next server can tell a clean stop from a crash. After a clean stop, a session that is
  // still RUNNING could not be requeued (the disk was full); after a crash, its store may have
  // taken the server down. Both are durable when they return OK. MarkStopped needs no space on the
  // disk. After an error of MarkStopped the next server may find a crash. After an error of
  // MarkWorking it may find a clean stop, so no store must be claimed.
  virtual absl::Status MarkWorking() = 0;
  virtual absl::Status MarkStopped() = 0;
  // Returns whether, when the backend was opened, the last server that called MarkWorking had
  // called MarkStopped too. Returns false if there was no such server.
  virtual bool stopped_cleanly() const = 0;

  // Returns the problems found when the backend was opened that do not keep it from working, but
  // may mean that something is lost: one line each, for the server's log.
  virtual const std::vector<std::string>& start_warnings() const = 0;

  // Returns all products, sorted by name.
  virtual absl::StatusOr<std::vector<ProductSummary>> ListProducts() = 0;
  // Creates an empty product. INVALID_ARGUMENT if the name is not 1 to 64 of [a-z0-9_-], starting
  // with a letter or digit; ALREADY_EXISTS if there is a product of this name; FAILED_PRECONDITION
  // if files of an unknown product have this name.
  virtual absl::StatusOr<ProductSummary> CreateProduct(const std::string& name,
                                                       const ProductSettings& settings,
                                                       absl::Time now) = 0;
  // Changes settings of a product. NOT_FOUND if there is no such product.
  virtual absl::StatusOr<ProductSummary> UpdateProduct(const std::string& name,
                                                       const ProductSettingsChange& change) = 0;
  // Removes the product with all its results. Its ENQUEUED sessions become FAILED with
  // kProductGone. NOT_FOUND if there is no such product; FAILED_PRECONDITION for kDefaultProduct,
  // or while a store into the product is RUNNING.
  virtual absl::Status DeleteProduct(const std::string& name, absl::Time now) = 0;

  // Returns the results of a product. NOT_FOUND if there is no such product. The object stays
  // usable after the product is deleted: its calls then return NOT_FOUND or another error, never
  // another product's results.
  virtual absl::StatusOr<std::shared_ptr<ProductResults>> Results(const std::string& product) = 0;
  // Returns the settings of a product, from memory. NOT_FOUND if there is no such product.
  virtual absl::StatusOr<ProductSettings> Settings(const std::string& product) = 0;

  // Removes a run with all its results. When this returns, no query finds the run and its name is
  // free; garbage collection deletes its rows later. NOT_FOUND if there is no such product or run;
  // FAILED_PRECONDITION if a store into the run is ENQUEUED or RUNNING; UNAVAILABLE if an ingest
  // into the product keeps the write lock for longer than a client should wait.
  virtual absl::Status RemoveRun(const std::string& product, const std::string& run_name) = 0;

  // Removes the garbage that `rules`, the products' settings and the runs' lifetimes define. Works
  // in small transactions; between two of them, writers that wait go first.
  //   Runs past their lifetime, and reports closed too long ago, stay while a store into their run
  //   is ENQUEUED or RUNNING. An entry of a run's history stays if it is the newest, has a tag, or
  //   a report refers to it.
  //   A source content to which no file version refers is only marked at first; from then on
  //   FindMissingContents returns it as missing. If no ingest refers to it again, it is deleted
  //   once rules.keep_unreferenced has passed since the mark and every store in progress was
  //   accepted after that.
  //   Ended sessions stay while a backup runs.
  // Adds what was removed to `removed`, even if it returns an error: CANCELLED if `pace` stopped
  // it. After an error in one product, continues with the others and returns the first error.
  virtual absl::Status CollectGarbage(const GarbageRules& rules, GcPace& pace,
                                      Garbage& removed) = 0;
  // Counts what CollectGarbage would remove now. CANCELLED if `pace` stopped it.
  virtual absl::StatusOr<Garbage> CountGarbage(const GarbageRules& rules, GcPace& pace) = 0;

  // Gives `target` copies of all databases, and the names of the payloads that stores in progress
  // need. A server started on the copies continues from there: each store acknowledged before the
  // call began ends once, as it would have ended here. Blocks no call but another Backup.
  // `work_directory` holds one copy at a time. Returns errors of `target` unchanged; CANCELLED if
  // `target` asked for it; RESOURCE_EXHAUSTED if the disk is full.
  virtual absl::Status Backup(const std::string& work_directory, BackupTarget& target) = 0;
};

}  // namespace stored::storage
