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
//   Recovery       Before its first claim, a server takes every RUNNING session for one that a dead
//                  server left (SessionQueue::Running, stopped_cleanly, engine/work). With several
//                  servers, a session needs a lease that names its server.
//   Claim order    The turns that products take are counted in the memory of the process
//                  (SessionQueue::ClaimNext). They start anew after a restart, and each server
//                  would count its own.
//   Status         Progress, heartbeats and the revisions between two durable ones are in the
//                  memory of the server that runs the store (engine/status). Another server knows
//                  only what SessionQueue keeps, and no watcher of its own hears of the change.
//   Write lock     Ingests into a product wait for each other in the process (Ingest, Checkpoint),
//                  and so does garbage collection for them.
//   Spool          A local directory (spool.h): only the server that received a payload, or one
//                  that sees the same directory, can run its store or go on with its upload.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual SessionQueue& queue() = 0;

  // The server calls MarkWorking before its first claim and MarkStopped after its last store, so
  // that the next server can tell a clean stop from a crash. After a clean stop, a session that is
  // still RUNNING could not be requeued (the disk was full); after a crash, its store may have
  // taken the server down. Both are durable when they return OK. MarkStopped needs no space on the
  // disk. After an error of MarkStopped the next server finds a crash. After an error of
  // MarkWorking it might not find one, so no store must be claimed.
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
  // INVALID_ARGUMENT if the name is not 1 to 64 of [a-z0-9_-], starting with a letter or digit;
  // ALREADY_EXISTS.
  virtual absl::StatusOr<ProductSummary> CreateProduct(const std::string& name,
                                                       const ProductSettings& settings,
                                                       absl::Time now) = 0;
  // NOT_FOUND if there is no such product.
  virtual absl::StatusOr<ProductSummary> UpdateProduct(const std::string& name,
                                                       const ProductSettingsChange& change) = 0;
  // Removes the product with all its results. Its ENQUEUED sessions become FAILED with
  // kProductGone. NOT_FOUND; FAILED_PRECONDITION for kDefaultProduct, or while a store into the
  // product is RUNNING.
  virtual absl::Status DeleteProduct(const std::string& name, absl::Time now) = 0;

  // NOT_FOUND if there is no such product. The object stays usable after the product is deleted:
  // its calls then return NOT_FOUND or another error, never another product's results.
  virtual absl::StatusOr<std::shared_ptr<ProductResults>> Results(const std::string& product) = 0;
  // Reads memory only. NOT_FOUND if there is no such product.
  virtual absl::StatusOr<ProductSettings> Settings(const std::string& product) = 0;

  // Removes a run with all its results. When this returns, no query finds the run and its name is
  // free; garbage collection deletes its rows later. NOT_FOUND if there is no such product or run;
  // FAILED_PRECONDITION if a store into the run is ENQUEUED or RUNNING; UNAVAILABLE if an ingest
  // into the product keeps the write lock for longer than a client should wait.
  virtual absl::Status RemoveRun(const std::string& product, const std::string& run_name) = 0;

  // Removes the garbage that `rules`, the products' settings and the runs' lifetimes define. Works
  // in small transactions and lets other writers go first between them, an ingest above all.
  //   Runs past their lifetime, and reports closed too long ago, stay while a store into their run
  //   is ENQUEUED or RUNNING. An entry of a run's history stays if it is the newest, has a tag, or
  //   a report refers to it.
  //   A source content to which no file version refers is marked first; FindMissingContents then
  //   returns it as missing. A later garbage collection deletes it unless an ingest refers to it
  //   again. It must have been marked for longer than rules.keep_unreferenced, both by now and by
  //   the time when the oldest store in progress was accepted.
  // Adds what was removed to `removed`, even if it returns an error: CANCELLED if `pace` stopped
  // it. An error in one product does not keep the others from being collected.
  virtual absl::Status CollectGarbage(const GarbageRules& rules, GcPace& pace,
                                      Garbage& removed) = 0;
  // Returns what CollectGarbage would remove now.
  virtual absl::StatusOr<Garbage> CountGarbage(const GarbageRules& rules, GcPace& pace) = 0;

  // Gives `target` copies of all databases, and the names of the payloads that stores in progress
  // need. A server started on the copies continues from there: each store acknowledged before the
  // call began ends once, as it would have ended here. Blocks no other call. `work_directory` holds
  // one copy at a time. Returns errors of `target` unchanged; CANCELLED if `target` asked for it;
  // RESOURCE_EXHAUSTED if the disk is full.
  virtual absl::Status Backup(const std::string& work_directory, BackupTarget& target) = 0;
};

}  // namespace stored::storage
