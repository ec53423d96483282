#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "base/files/file.h"

namespace stored::tests {

// A network between clients and a server that a test can spoil while it is in use. Everything
// arrives in order and unchanged, or not at all, as with TCP. Knows nothing of what it carries.
// Safe for concurrent use.
class FaultProxy {
 public:
  // Addresses are "unix:PATH" or "127.0.0.1:PORT"; listening on port 0 takes a free one.
  FaultProxy(const std::string& listen, std::string server);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Where clients find it.
  const std::string& address() const { return address_; }

  enum Way { kToServer = 0, kToClient = 1 };

  // Every byte arrives so much later.
  void SetDelay(Way way, absl::Duration delay);
  // Each of the next `connections` connections that carries more than `bytes` this way is reset
  // when it has carried so many. Where
  // some are `spared`, those are: so many that are made from now on, and all before them.
  void CutAfter(Way way, int64_t bytes, int connections = 1, int spared = 0);
  // Resets every connection that there is.
  void CutAll();
  // A silent way carries nothing, on old connections and new ones, and closes none: the black hole.
  // What was sent meanwhile arrives when it ends, unless the connection was cut.
  void SetSilent(Way way, bool silent);
  void SetSilent(bool silent);
  // Both ways are silent from when some connection has carried so many bytes this way.
  void SilenceAfter(Way way, int64_t bytes);
  // Whether nobody listens at the address.
  void SetRefusing(bool refusing);

  // What a middlebox that repeats, or a packet that comes late, does: the server gets what a client
  // sent on a connection of its own once more, and nobody reads the answers.
  enum class Copies {
    kNone,
    // While the client sends it.
    kAtOnce,
    // When the client's own connection has ended. A server that limits how much it takes before it
    // has read (HTTP/2: 64 KiB) takes no more of such a copy.
    kLate,
  };
  void SetCopies(Copies copies);

  struct Counts {
    // Taken from clients since the start, and those that are not over.
    int connections = 0;
    int open = 0;
    int cut = 0;
    // How often SilenceAfter has come true.
    int silenced = 0;
    int copies = 0;
    // Handed on to the server (copies apart) and to clients.
    int64_t to_server = 0;
    int64_t to_client = 0;
  };
  Counts counts() const;

 private:
  struct Stream;
  struct Connection;
  struct Copy;

  void Listen();
  void Wake() const;
  void Run();
  // How long Run may wait for sockets, milliseconds; -1 is until one is ready. All below: with the
  // mutex held, in Run's thread.
  int Timeout(absl::Duration now) const;
  void Accept();
  void Read(Connection& connection, Way way, absl::Duration now);
  void Write(Connection& connection, Way way, absl::Duration now);
  void ServeCopy(Copy& copy);
  void StartCopy(Connection& connection, std::string bytes);
  void Cut(Connection& connection);
  void End(Connection& connection);

  const std::string server_;
  std::string address_;
  UniqueFd wake_;

  mutable std::mutex mutex_;
  UniqueFd listener_;
  bool stopping_ = false;
  absl::Duration delay_[2];
  int64_t cut_after_[2] = {0, 0};
  int cuts_left_[2] = {0, 0};
  // The first connection that may be cut.
  int cut_from_[2] = {0, 0};
  bool silent_[2] = {false, false};
  // Negative: never.
  int64_t silence_after_[2] = {-1, -1};
  Copies copy_mode_ = Copies::kNone;
  Counts counts_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::list<std::unique_ptr<Copy>> copies_;

  std::thread thread_;
};

}  // namespace stored::tests
