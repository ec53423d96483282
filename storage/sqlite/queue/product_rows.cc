#include "storage/sqlite/queue/product_rows.h"

#include <fmt/format.h>

#include <utility>

#include "base/status.h"
#include "storage/columns/record.h"

namespace stored::storage::sqlite {
namespace {

std::string EncodeSettings(const ProductSettings& settings) {
  RecordWriter record;
  record.Int(settings.max_runs);
  record.Int(settings.max_reports_per_store);
  record.Int(settings.max_bytes_per_store);
  record.Int(settings.max_queued_stores);
  record.Int(absl::ToInt64Microseconds(settings.resolved_report_retention));
  record.Int(absl::ToInt64Microseconds(settings.history_retention));
  return record.bytes();
}

absl::StatusOr<ProductRow> ReadProduct(const Statement& row) {
  ProductRow product;
  product.name = row.String(0);
  product.created_at = row.Time(1);
  product.state = static_cast<ProductState>(row.Int(2));
  RecordReader record(row.Bytes(3));
  ProductSettings& settings = product.settings;
  settings.max_runs = record.Int();
  settings.max_reports_per_store = record.Int();
  settings.max_bytes_per_store = record.Int();
  settings.max_queued_stores = record.Int();
  settings.resolved_report_retention = absl::Microseconds(record.Int());
  settings.history_retention = absl::Microseconds(record.Int());
  if (record.ok()) return product;
  return absl::DataLossError(fmt::format(
      "the settings of product \"{}\" are damaged; restore meta.db from a backup", product.name));
}

}  // namespace

absl::StatusOr<std::vector<ProductRow>> ReadProducts(Database& database) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT name, created_at, state, settings FROM products ORDER BY name"));
  std::vector<ProductRow> products;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return products;
    STORED_ASSIGN_OR_RETURN(ProductRow product, ReadProduct(select));
    products.push_back(std::move(product));
  }
}

absl::StatusOr<std::optional<ProductRow>> FindProduct(Database& database, std::string_view name) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT name, created_at, state, settings FROM products WHERE name = ?"));
  select.BindAll(name);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(ProductRow product, ReadProduct(select));
  return product;
}

absl::Status InsertProduct(Database& database, const ProductRow& product) {
  const std::string settings = EncodeSettings(product.settings);
  return database.Run(
      "INSERT INTO products (name, created_at, state, settings) VALUES (?, ?, ?, ?)", product.name,
      product.created_at, static_cast<int>(product.state), Blob{settings});
}

absl::Status SetProductState(Database& database, const std::string& name, ProductState state) {
  return database.Run("UPDATE products SET state = ? WHERE name = ?", static_cast<int>(state),
                      name);
}

absl::Status SetProductSettings(Database& database, const std::string& name,
                                const ProductSettings& settings) {
  const std::string record = EncodeSettings(settings);
  return database.Run("UPDATE products SET settings = ? WHERE name = ?", Blob{record}, name);
}

}  // namespace stored::storage::sqlite
