#pragma once

#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {

// Returns the schema of products/NAME.db, the results of one product.
const Schema& ProductSchema();

}  // namespace stored::storage::sqlite
