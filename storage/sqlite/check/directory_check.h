#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace stored::storage::sqlite {

// One database, or the spool, as a check found it.
struct CheckedFile {
  std::string path;
  // What is in it: "schema version 2, 3 runs, 4200 reports". Empty where it cannot be read.
  std::string content;
  // A line each; none where all is well.
  std::vector<std::string> problems;
};

// Looks through all of a data directory that no server has open, and changes nothing in it: every
// page of every database, whether rows mention what is there and counts are true, the digest of
// every source and of every payload that a store waits for. Calls `found` for meta.db, each
// product's database, each database that no product has, and the spool.
//
// INVALID_ARGUMENT: `directory` is not there or has nothing of stored's. UNAVAILABLE: a server has
// it open. OK where something is damaged: `found` is told.
absl::Status CheckDirectory(const std::string& directory,
                            absl::FunctionRef<void(const CheckedFile&)> found);

}  // namespace stored::storage::sqlite
