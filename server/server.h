#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time/clock.h"
#include "server/server_options.h"

namespace stored::server {

// The whole server: storage, engine and services. Start and Stop are called once each.
class Server {
 public:
  // Opens the data directory, recovers the stores that an earlier server left unfinished, and
  // serves.
  //
  // UNAVAILABLE if another server has the directory; INVALID_ARGUMENT if the server cannot listen
  // on an address. Other errors come from the storage and say what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns the addresses that the server listens on, with the chosen port in place of port 0.
  const std::vector<std::string>& addresses() const;

  // Sets the health status to NOT_SERVING, refuses uploads, waits for running stores up to the
  // drain timeout, returns the others to the queue, ends the streams of watchers with UNAVAILABLE,
  // and returns when every call has ended.
  void Stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace stored::server
