#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time/clock.h"
#include "server/server_options.h"

namespace stored::server {

// A server, from an empty directory to the last answer. Start and Stop are called once each.
class Server {
 public:
  // Opens the data directory, recovers what a dead server left, and serves.
  //
  // UNAVAILABLE: another server has the directory. INVALID_ARGUMENT: an address cannot be listened
  // on. Others come from the storage and say what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What is listened on, with the ports that were free where 0 was asked for.
  const std::vector<std::string>& addresses() const;

  // Health goes NOT_SERVING, new uploads are refused, watchers are told to come back, running
  // stores get the drain timeout to finish in and go back to the queue after it; then every call
  // has ended.
  void Stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace stored::server
