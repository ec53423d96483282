#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "base/files/file.h"
#include "base/mutex.h"

namespace stored::tests {

// A network between clients and a server that a test can disturb while it is in use. As with TCP,
// bytes arrive in order and unchanged, or not at all. It does not interpret what it carries. Safe
// for concurrent use.
class FaultProxy {
 public:
  // An address is "unix:PATH" or "127.0.0.1:PORT"; for port 0 the proxy listens on a free port.
  FaultProxy(const std::string& listen, std::string server);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Returns the address that clients connect to.
  const std::string& address() const { return address_; }

  enum Way { kToServer = 0, kToClient = 1 };

  // Delays every byte by this much.
  void SetDelay(Way way, absl::Duration delay);
  // Resets a connection once it has carried `bytes` bytes this way and is to carry more, until
  // `connections` connections have been reset. If `spared` is not 0, spares the connections that
  // exist now and the next `spared` ones.
  void CutAfter(Way way, int64_t bytes, int connections = 1, int spared = 0);
  // Resets all current connections.
  void CutAll();
  // Silences a direction, or ends the silence. A silent direction carries nothing, on old and new
  // connections, and closes none, like a network that drops every packet. Bytes that are sent
  // meanwhile arrive when the silence ends, unless the connection was cut.
  void SetSilent(Way way, bool silent);
  void SetSilent(bool silent);
  // Silences both directions as soon as one connection has carried this many bytes this way.
  void SilenceAfter(Way way, int64_t bytes);
  // While true, no socket listens at the address.
  void SetRefusing(bool refusing);

  // Imitates a middlebox that repeats data, or a packet that arrives late: the server receives what
  // a client sent a second time, on a connection of its own whose responses are not read.
  enum class Copies {
    kNone,
    // Copies while the client sends.
    kAtOnce,
    // Copies after the client's own connection has ended. A server that limits how much it accepts
    // before reading it (HTTP/2: 64 KiB) accepts no more than that of such a copy.
    kLate,
  };
  void SetCopies(Copies copies);

  struct Counts {
    // Connections accepted from clients since the start, and those that are still open.
    int connections = 0;
    int open = 0;
    int cut = 0;
    // The number of times that SilenceAfter has taken effect.
    int silenced = 0;
    int copies = 0;
    // Bytes forwarded to the server (without copies) and to clients.
    int64_t to_server = 0;
    int64_t to_client = 0;
  };
  Counts counts() const;

 private:
  struct Stream;
  struct Connection;
  struct Copy;

  void Listen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake() const;
  void Run();
  // Returns how long Run may wait for sockets, in milliseconds; -1 means until one is ready. This
  // and all functions below run in Run's thread.
  int Timeout(absl::Duration now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read(Connection& connection, Way way, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(Connection& connection, Way way, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ServeCopy(Copy& copy) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartCopy(Connection& connection, std::string bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Cut(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(Connection& connection) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string server_;
  std::string address_;
  UniqueFd wake_;

  mutable Mutex mutex_;
  UniqueFd listener_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration delay_[2] ABSL_GUARDED_BY(mutex_);
  int64_t cut_after_[2] ABSL_GUARDED_BY(mutex_) = {0, 0};
  int cuts_left_[2] ABSL_GUARDED_BY(mutex_) = {0, 0};
  // The number of the first connection that may be cut.
  int cut_from_[2] ABSL_GUARDED_BY(mutex_) = {0, 0};
  bool silent_[2] ABSL_GUARDED_BY(mutex_) = {false, false};
  // Negative means never.
  int64_t silence_after_[2] ABSL_GUARDED_BY(mutex_) = {-1, -1};
  Copies copy_mode_ ABSL_GUARDED_BY(mutex_) = Copies::kNone;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  std::list<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  std::list<std::unique_ptr<Copy>> copies_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace stored::tests
