#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// A checker as queries show it. One whose analyzer is not known, which is stored without a name,
// has the analyzer "unknown".
struct ShownChecker {
  std::string name;
  std::string analyzer;
};

// Reads checkers by their id. Not safe for concurrent use; the Database outlives it.
class CheckerReader {
 public:
  static absl::StatusOr<CheckerReader> Create(Database& database);

  // DATA_LOSS where there is no such checker.
  absl::StatusOr<ShownChecker> Read(int64_t id);

 private:
  explicit CheckerReader(Statement select) : select_(std::move(select)) {}

  Statement select_;
};

}  // namespace stored::storage::sqlite
