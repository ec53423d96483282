#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace stored::storage::sqlite {

// The result of checking one database, or the spool.
struct CheckedFile {
  std::string path;
  // A summary: "schema version 2, 3 runs, 4200 reports". Empty if the file cannot be read.
  std::string content;
  // One line for each problem.
  std::vector<std::string> problems;
};

// Checks a data directory that no server has open, and changes nothing in it: every page of every
// database, references between rows, counts, and the digests of every source and of every payload
// that a store waits for. Calls `found` for meta.db, each product's database, each database that
// belongs to no product, and the spool.
//
// Returns OK even if something is damaged: `found` gets the problems. Returns INVALID_ARGUMENT if
// `directory` does not exist or is not a data directory, UNAVAILABLE if a server has it open.
absl::Status CheckDirectory(const std::string& directory,
                            absl::FunctionRef<void(const CheckedFile&)> found);

}  // namespace stored::storage::sqlite
