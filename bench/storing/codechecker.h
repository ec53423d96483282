#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/process.h"

namespace stored::bench {

// CodeChecker's server on a free port of the loopback interface, with an empty database of its own
// (SQLite), and its client. All their files, settings and temporary files too, are below one
// directory.
class CodeChecker {
 public:
  // `program` is CodeChecker's. The programs that it starts are looked up beside it first, as in a
  // virtual environment. REQUIRES: `directory` does not exist.
  static absl::StatusOr<std::unique_ptr<CodeChecker>> Start(const std::string& program,
                                                            const std::string& directory);

  // Runs CodeChecker store PATH into a new run, until the server has stored it.
  absl::StatusOr<Cost> Store(const std::string& path) const;
  // Returns the number of reports in that run.
  absl::StatusOr<uint64_t> CountReports() const;

 private:
  CodeChecker(const std::string& program, const std::string& directory, uint16_t port);

  // Returns the command line of the program with these arguments.
  std::vector<std::string> Command(const std::vector<std::string>& arguments) const;

  std::vector<std::string> program_;
  std::string url_;
  std::unique_ptr<Background> server_;
};

}  // namespace stored::bench
