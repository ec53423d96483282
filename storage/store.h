#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "storage/result_store.h"
#include "storage/session_queue.h"

namespace stored::storage {

struct ProductSummary {
  std::string name;
  absl::Time created_at;
  int32_t run_count = 0;
  int64_t database_bytes = 0;
};

inline constexpr char kDefaultProduct[] = "default";

// Everything durable but the spool's files. Safe for concurrent use. storage/sqlite/ has the
// implementation; tests/ a suite that any other must pass.
class Store {
 public:
  virtual ~Store() = default;

  virtual SessionQueue& queue() = 0;

  // By name.
  virtual absl::StatusOr<std::vector<ProductSummary>> ListProducts() = 0;
  // INVALID_ARGUMENT: not 1 to 64 of [a-z0-9_-] starting with a letter or digit; ALREADY_EXISTS.
  virtual absl::StatusOr<ProductSummary> CreateProduct(const std::string& name, absl::Time now) = 0;
  // Removes the product with all its results; its ENQUEUED sessions FAIL with kProductGone.
  // NOT_FOUND; FAILED_PRECONDITION for kDefaultProduct or while a store into it is RUNNING.
  virtual absl::Status DeleteProduct(const std::string& name, absl::Time now) = 0;

  // NOT_FOUND: no such product. The object stays usable while held, if the product goes too: its
  // calls then answer NOT_FOUND or an error, never with another product's results.
  virtual absl::StatusOr<std::shared_ptr<ResultStore>> Results(const std::string& product) = 0;

  // Hands copies of all databases to `target`, and the names of the payloads that stores in progress
  // need, such that a server started on them goes on from there: what had been acknowledged when
  // the call began ends as it would have here, once. Holds up nobody. `work_directory` takes one
  // copy at a time. Errors of `target` are returned as they are; CANCELLED when it asked for that;
  // RESOURCE_EXHAUSTED when the disk is full.
  virtual absl::Status Backup(const std::string& work_directory, BackupTarget& target) = 0;
};

}  // namespace stored::storage
