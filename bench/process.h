#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::bench {

// The resources that a program used from its start to its end.
struct Cost {
  double wall = 0;  // Seconds.
  double cpu = 0;   // Seconds, of all its threads, user and system.
  // The peak of resident memory, but no less than the caller's at the program's start.
  uint64_t peak_bytes = 0;
};

struct Finished {
  Cost cost;
  std::string output;  // All of its standard output.
};

// Runs a program to its end. If it fails, the error contains the end of its standard error.
absl::StatusOr<Finished> Run(const std::vector<std::string>& command);

// Returns the path at which a shell would find a program. Returns NOT_FOUND if it is not on PATH.
absl::StatusOr<std::string> FindProgram(const std::string& name);

// A program in the background whose output goes to a file. The destructor stops it with SIGTERM, or
// after some seconds with SIGKILL, and waits for its end.
class Background {
 public:
  static absl::StatusOr<std::unique_ptr<Background>> Start(const std::vector<std::string>& command,
                                                           const std::string& log);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  pid_t pid() const { return pid_; }
  // Waits for at most 20 s until the program has written a line that contains `text`.
  absl::Status WaitForLine(const std::string& text) const;
  // Return the resident memory now, and its peak so far, in bytes.
  absl::StatusOr<uint64_t> ResidentBytes() const;
  absl::StatusOr<uint64_t> PeakBytes() const;
  absl::StatusOr<int> Threads() const;

 private:
  Background(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}

  pid_t pid_;
  std::string log_;
};

// A server on a unix socket, with its data in DIRECTORY/data, which is empty if the directory is
// new.
class Server {
 public:
  // Starts stored. Creates `directory` if it does not exist.
  static absl::StatusOr<Server> Start(const std::string& programs, const std::string& directory,
                                      const std::vector<std::string>& options = {});
  // Starts bench_floor_server, with which stored is compared.
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
