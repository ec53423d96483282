#pragma once

#include <cstdint>

#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {

// Returns the schema of meta.db: the products, and the store sessions, which are the queue. Results
// are in other databases, so that a token or a status never waits for a long ingest.
const Schema& MetaSchema();

// The values of products.state.
enum class ProductState : uint8_t {
  // The product's database is being created.
  kCreating = 0,
  kReady = 1,
  // The product no longer exists for clients; its files are being removed.
  kDeleting = 2,
};

}  // namespace stored::storage::sqlite
