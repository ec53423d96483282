#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/sha256.h"
#include "base/time/clock.h"
#include "engine/status/status_hub.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// The operations of clients on products, whichever protocol they use. Safe for concurrent use.
class Products {
 public:
  // Everything given outlives the object.
  Products(storage::Backend& backend, storage::Spool& spool, StatusHub& hub, Clock& clock)
      : backend_(backend), spool_(spool), hub_(hub), clock_(clock) {}

  // Returns all products, by name.
  absl::StatusOr<std::vector<storage::ProductSummary>> List() { return backend_.ListProducts(); }

  // Creates a product with the default settings, changed as given. INVALID_ARGUMENT for a malformed
  // name or setting; ALREADY_EXISTS if there is a product of this name.
  absl::StatusOr<storage::ProductSummary> Create(const std::string& name,
                                                 const storage::ProductSettingsChange& change);
  // Changes settings of a product. INVALID_ARGUMENT for a malformed setting; NOT_FOUND if there is
  // no such product.
  absl::StatusOr<storage::ProductSummary> Update(const std::string& name,
                                                 const storage::ProductSettingsChange& change);
  // Removes the product with its results. Its ENQUEUED stores become FAILED: their watchers are
  // told and their payloads removed. NOT_FOUND if there is no such product; FAILED_PRECONDITION for
  // the default product, or while a store into it is RUNNING.
  absl::Status Delete(const std::string& name);

  // Returns those of `digests` whose source contents the product lacks. An empty name is the
  // default product. INVALID_ARGUMENT for a malformed name or too many digests; NOT_FOUND: no such
  // product.
  absl::StatusOr<std::vector<Sha256Digest>> FindMissingSources(
      const std::string& product, absl::Span<const Sha256Digest> digests);

 private:
  // Publishes the end of the stores into a deleted product that were waiting, and removes their
  // payloads.
  absl::Status PublishFailed(const std::string& product);

  storage::Backend& backend_;
  storage::Spool& spool_;
  StatusHub& hub_;
  Clock& clock_;
};

}  // namespace stored::engine
