#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/process.h"

namespace stored::bench {

// CodeChecker's server with an empty database of its own (SQLite), on a free port of the loopback
// interface, and its client. Whatever they write is below one directory, settings and temporary
// files too.
class CodeChecker {
 public:
  // `program` is CodeChecker's; what it starts is looked for beside it first, as a virtual
  // environment wants it. There is no `directory` yet.
  static absl::StatusOr<std::unique_ptr<CodeChecker>> Start(const std::string& program,
                                                            const std::string& directory);

  // CodeChecker store PATH, until the server has it, into a run that is new.
  absl::StatusOr<Cost> Store(const std::string& path) const;
  // In that run.
  absl::StatusOr<uint64_t> CountReports() const;

 private:
  CodeChecker(const std::string& program, const std::string& directory, uint16_t port);

  // The program with these arguments.
  std::vector<std::string> Command(const std::vector<std::string>& arguments) const;

  std::vector<std::string> program_;
  std::string url_;
  std::unique_ptr<Background> server_;
};

}  // namespace stored::bench
