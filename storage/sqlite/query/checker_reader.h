#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A checker as queries return it. The analyzer is reports::kUnknownAnalyzer if it is not known; the
// database has an empty name then.
struct ShownChecker {
  std::string name;
  std::string analyzer;
};

// Reads checkers by their id. Not safe for concurrent use. REQUIRES: the Database outlives it.
class CheckerReader {
 public:
  static absl::StatusOr<CheckerReader> Create(Database& database);

  // Returns DATA_LOSS if the database has no checker with this id.
  absl::StatusOr<ShownChecker> Read(int64_t id);

 private:
  explicit CheckerReader(Statement select) : select_(std::move(select)) {}

  Statement select_;
};

}  // namespace stored::storage::sqlite
