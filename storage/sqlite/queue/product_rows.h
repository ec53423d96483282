#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/policy/product_settings.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/queue/meta_schema.h"

// Reads and writes rows of meta.db's table `products`.
namespace stored::storage::sqlite {

struct ProductRow {
  std::string name;
  absl::Time created_at;
  ProductState state = ProductState::kCreating;
  ProductSettings settings;
};

// Returns all products, sorted by name.
absl::StatusOr<std::vector<ProductRow>> ReadProducts(Database& database);
// Returns nothing if there is no such product.
absl::StatusOr<std::optional<ProductRow>> FindProduct(Database& database, std::string_view name);

absl::Status InsertProduct(Database& database, const ProductRow& product);
absl::Status SetProductState(Database& database, const std::string& name, ProductState state);
absl::Status SetProductSettings(Database& database, const std::string& name,
                                const ProductSettings& settings);

}  // namespace stored::storage::sqlite
