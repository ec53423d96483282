#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::bench {

// What a program took, from its start to its end.
struct Cost {
  double wall = 0;  // Seconds.
  double cpu = 0;   // Seconds, of all its threads, user and system.
  // The most that was resident at once; no less than what the one who runs it has at its start.
  uint64_t peak_bytes = 0;
};

struct Finished {
  Cost cost;
  std::string output;  // What it wrote to its standard output.
};

// Runs a program to its end. The error of one that fails has the end of what it wrote to its
// standard error.
absl::StatusOr<Finished> Run(const std::vector<std::string>& command);

// Where a program is that a shell would find. NOT_FOUND: nowhere on PATH.
absl::StatusOr<std::string> FindProgram(const std::string& name);

// A program in the background, what it writes in a file. Stopped with SIGTERM, or after some
// seconds SIGKILL, and waited for when the object goes.
class Background {
 public:
  static absl::StatusOr<std::unique_ptr<Background>> Start(const std::vector<std::string>& command,
                                                           const std::string& log);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  pid_t pid() const { return pid_; }
  // Waits for a line with `text` in what it writes, for at most 20 s.
  absl::Status WaitForLine(const std::string& text) const;
  // Resident now, and the most so far; bytes.
  absl::StatusOr<uint64_t> ResidentBytes() const;
  absl::StatusOr<uint64_t> PeakBytes() const;
  absl::StatusOr<int> Threads() const;

 private:
  Background(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}

  pid_t pid_;
  std::string log_;
};

// A server on a unix socket, with its data in DIRECTORY/data, empty where the directory is new.
class Server {
 public:
  // stored. `directory` is made where there is none.
  static absl::StatusOr<Server> Start(const std::string& programs, const std::string& directory,
                                      const std::vector<std::string>& options = {});
  // What a server is compared with: bench_floor_server.
  static absl::StatusOr<Server> StartFloor(const std::string& programs,
                                           const std::string& directory,
                                           const std::vector<std::string>& options = {});

  const std::string& address() const { return address_; }
  std::string database() const { return directory_ + "/data/products/default.db"; }
  Background& process() { return *process_; }

 private:
  static absl::StatusOr<Server> StartProgram(const std::string& program,
                                             const std::string& directory,
                                             const std::vector<std::string>& options);

  Server(std::string directory, std::string address, std::unique_ptr<Background> process)
      : directory_(std::move(directory)),
        address_(std::move(address)),
        process_(std::move(process)) {}

  std::string directory_;
  std::string address_;
  std::unique_ptr<Background> process_;
};

}  // namespace stored::bench
