#pragma once

#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {

// meta.db: the products, and the store sessions, which are the queue. Apart from the results so
// that a long ingest never holds up a token or a status.
const Schema& MetaSchema();

// products.state
enum class ProductState : uint8_t {
  // Its database is being made; nothing is in it yet.
  kCreating = 0,
  kReady = 1,
  // Gone for everyone; its files are being removed.
  kDeleting = 2,
};

}  // namespace stored::storage::sqlite
