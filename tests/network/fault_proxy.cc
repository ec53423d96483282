#include "tests/network/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/time/clock.h"

namespace stored::tests {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
// The most bytes that may be under way on a connection, in each direction.
constexpr size_t kMostQueued = size_t{4} << 20;
constexpr size_t kPiece = size_t{64} << 10;

// A socket address of either family.
struct Address {
  explicit Address(const std::string& text) {
    if (text.starts_with(kUnixPrefix)) {
      auto& address = reinterpret_cast<sockaddr_un&>(storage);
      address.sun_family = AF_UNIX;
      const std::string path = text.substr(kUnixPrefix.size());
      EXPECT_LT(path.size(), sizeof(address.sun_path));
      path.copy(address.sun_path, sizeof(address.sun_path) - 1);
      size = sizeof(address);
      return;
    }
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    const size_t colon = text.rfind(':');
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)));
    EXPECT_EQ(::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr), 1) << text;
    size = sizeof(address);
  }

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

UniqueFd Socket(const Address& address) {
  return UniqueFd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void PrepareConnection(const UniqueFd& fd) {
  const int on = 1;
  // Has no effect on a unix socket.
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
}

// Returns an invalid descriptor if no socket listens there.
UniqueFd Connect(const std::string& server) {
  Address address(server);
  UniqueFd fd = Socket(address);
  if (::connect(fd.get(), address.get(), address.size) != 0) return UniqueFd();
  PrepareConnection(fd);
  return fd;
}

// Closes so that the peer gets an error (ECONNRESET) instead of the end of the stream.
void Reset(UniqueFd& fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  fd.reset();
}

absl::Duration Now() { return Clock::System().Monotonic(); }

}  // namespace

// One direction of a connection.
struct FaultProxy::Stream {
  struct Piece {
    std::string bytes;
    absl::Duration due;
  };

  bool Done() const { return ended && queue.empty(); }

  std::deque<Piece> queue;
  size_t queued = 0;
  int64_t carried = 0;
  // True once the sender has closed its direction.
  bool ended = false;
  // True once the proxy has closed it for the receiver too.
  bool closed = false;
};

struct FaultProxy::Connection {
  // Returns the socket that this direction reads from.
  UniqueFd& source(Way way) { return way == kToServer ? client : server; }
  UniqueFd& sink(Way way) { return way == kToServer ? server : client; }

  // Numbers start at 1.
  int number = 0;
  UniqueFd client;
  UniqueFd server;
  Stream streams[2];
  // The positions of the sockets in the array that poll() watches; -1 means not watched.
  int client_slot = -1;
  int server_slot = -1;
  bool over = false;
  // The bytes that the client sent, if a late copy is wanted.
  std::optional<std::string> record;
  // The copy that the server receives while the client sends; null if there is none. Not owned.
  Copy* copy = nullptr;
};

struct FaultProxy::Copy {
  UniqueFd server;
  std::string unsent;
  int slot = -1;
  bool over = false;
};

FaultProxy::FaultProxy(const std::string& listen, std::string server)
    : server_(std::move(server)), address_(listen), wake_(::eventfd(0, EFD_CLOEXEC)) {
  Listen();
  thread_ = std::thread([this] { Run(); });
}

FaultProxy::~FaultProxy() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
}

void FaultProxy::Listen() {
  Address address(address_);
  listener_ = Socket(address);
  const int on = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  EXPECT_EQ(::bind(listener_.get(), address.get(), address.size), 0)
      << address_ << ": " << std::strerror(errno);
  EXPECT_EQ(::listen(listener_.get(), SOMAXCONN), 0);
  if (address.family() != AF_INET) return;
  EXPECT_EQ(::getsockname(listener_.get(), address.get(), &address.size), 0);
  const auto& bound = reinterpret_cast<const sockaddr_in&>(address.storage);
  address_ = fmt::format("127.0.0.1:{}", ntohs(bound.sin_port));
}

void FaultProxy::Wake() const {
  const uint64_t one = 1;
  if (::write(wake_.get(), &one, sizeof(one)) != sizeof(one)) std::abort();
}

void FaultProxy::SetDelay(Way way, absl::Duration delay) {
  const MutexLock lock(mutex_);
  delay_[way] = delay;
}

void FaultProxy::CutAfter(Way way, int64_t bytes, int connections, int spared) {
  const MutexLock lock(mutex_);
  cut_from_[way] = spared == 0 ? 0 : counts_.connections + spared + 1;
  cut_after_[way] = bytes;
  cuts_left_[way] = connections;
}

void FaultProxy::CutAll() {
  const MutexLock lock(mutex_);
  for (const auto& connection : connections_) {
    if (connection->over) continue;
    ++counts_.cut;
    Cut(*connection);
  }
  Wake();
}

void FaultProxy::SetSilent(Way way, bool silent) {
  const MutexLock lock(mutex_);
  silent_[way] = silent;
  Wake();
}

void FaultProxy::SetSilent(bool silent) {
  SetSilent(kToServer, silent);
  SetSilent(kToClient, silent);
}

void FaultProxy::SilenceAfter(Way way, int64_t bytes) {
  const MutexLock lock(mutex_);
  silence_after_[way] = bytes;
}

void FaultProxy::SetRefusing(bool refusing) {
  const MutexLock lock(mutex_);
  if (refusing) {
    listener_.reset();
    if (address_.starts_with(kUnixPrefix)) ::unlink(address_.c_str() + kUnixPrefix.size());
  } else if (!listener_.valid()) {
    Listen();
  }
  Wake();
}

void FaultProxy::SetCopies(Copies copies) {
  const MutexLock lock(mutex_);
  copy_mode_ = copies;
}

FaultProxy::Counts FaultProxy::counts() const {
  const MutexLock lock(mutex_);
  Counts counts = counts_;
  counts.open = static_cast<int>(std::count_if(connections_.begin(), connections_.end(),
                                               [](const auto& c) { return !c->over; }));
  return counts;
}

void FaultProxy::Run() {
  std::vector<pollfd> fds;
  const auto look_at = [&fds](const UniqueFd& fd, int events) {
    if (!fd.valid() || events == 0) return -1;
    fds.push_back({fd.get(), static_cast<int16_t>(events), 0});
    return static_cast<int>(fds.size()) - 1;
  };
  const auto ready = [&fds](int slot, int events) {
    return slot >= 0 && (fds[static_cast<size_t>(slot)].revents & events) != 0;
  };
  MutexLock lock(mutex_);
  while (!stopping_) {
    const absl::Duration now = Now();
    fds.clear();
    look_at(wake_, POLLIN);
    const int listener = look_at(listener_, POLLIN);
    const bool silent[] = {silent_[kToServer], silent_[kToClient]};
    for (const auto& connection : connections_) {
      const auto events = [&](Way in, Way out) {
        const Stream& from = connection->streams[in];
        const Stream& to = connection->streams[out];
        const bool reads = !from.ended && from.queued < kMostQueued && !silent[in];
        const bool writes = !to.queue.empty() && to.queue.front().due <= now && !silent[out];
        return (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
      };
      connection->client_slot = look_at(connection->client, events(kToServer, kToClient));
      connection->server_slot = look_at(connection->server, events(kToClient, kToServer));
    }
    for (const auto& copy : copies_) {
      copy->slot = look_at(copy->server, POLLIN | (copy->unsent.empty() ? 0 : POLLOUT));
    }
    const int timeout = Timeout(now);
    lock.Unlock();
    ::poll(fds.data(), fds.size(), timeout);
    lock.Lock();
    constexpr int kIn = POLLIN | POLLHUP | POLLERR;
    if (ready(0, kIn)) {
      uint64_t count = 0;
      if (::read(wake_.get(), &count, sizeof(count)) != sizeof(count)) std::abort();
    }
    for (const auto& connection : connections_) {
      const absl::Duration then = Now();
      if (ready(connection->client_slot, kIn)) Read(*connection, kToServer, then);
      if (ready(connection->server_slot, kIn)) Read(*connection, kToClient, then);
      for (const Way way : {kToServer, kToClient}) Write(*connection, way, then);
      const bool done =
          connection->streams[kToServer].closed && connection->streams[kToClient].closed;
      if (done && !connection->over) End(*connection);
    }
    for (const auto& copy : copies_) {
      if (copy->slot >= 0) ServeCopy(*copy);
    }
    std::erase_if(connections_, [](const auto& connection) { return connection->over; });
    std::erase_if(copies_, [](const auto& copy) { return copy->over; });
    if (ready(listener, kIn) && listener_.valid()) Accept();
  }
}

int FaultProxy::Timeout(absl::Duration now) const {
  absl::Duration least = absl::InfiniteDuration();
  for (const auto& connection : connections_) {
    for (const Way way : {kToServer, kToClient}) {
      const Stream& stream = connection->streams[way];
      if (stream.queue.empty() || silent_[way] || stream.queue.front().due <= now) continue;
      least = std::min(least, stream.queue.front().due - now);
    }
  }
  if (least == absl::InfiniteDuration()) return -1;
  return static_cast<int>(absl::ToInt64Milliseconds(least)) + 1;
}

void FaultProxy::Accept() {
  auto connection = std::make_unique<Connection>();
  connection->client = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection->client.valid()) return;
  PrepareConnection(connection->client);
  connection->number = ++counts_.connections;
  connection->server = Connect(server_);
  if (!connection->server.valid()) {
    Reset(connection->client);
    return;
  }
  if (copy_mode_ == Copies::kLate) connection->record.emplace();
  if (copy_mode_ == Copies::kAtOnce) StartCopy(*connection, "");
  connections_.push_back(std::move(connection));
}

void FaultProxy::Read(Connection& connection, Way way, absl::Duration now) {
  Stream& stream = connection.streams[way];
  if (connection.over || stream.ended || silent_[way]) return;
  std::string bytes(kPiece, '\0');
  const ssize_t n = ::read(connection.source(way).get(), bytes.data(), bytes.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return Cut(connection);
  if (n == 0) {
    stream.ended = true;
    return;
  }
  bytes.resize(static_cast<size_t>(n));
  stream.queued += bytes.size();
  stream.queue.push_back({std::move(bytes), now + delay_[way]});
}

void FaultProxy::Write(Connection& connection, Way way, absl::Duration now) {
  Stream& stream = connection.streams[way];
  while (!connection.over && !silent_[way] && !stream.queue.empty() &&
         stream.queue.front().due <= now) {
    std::string& bytes = stream.queue.front().bytes;
    size_t size = bytes.size();
    if (cuts_left_[way] > 0 && connection.number >= cut_from_[way]) {
      const int64_t left = cut_after_[way] - stream.carried;
      if (left <= 0) {
        --cuts_left_[way];
        ++counts_.cut;
        return Cut(connection);
      }
      size = std::min(size, static_cast<size_t>(left));
    }
    if (silence_after_[way] >= 0) {
      const int64_t left = silence_after_[way] - stream.carried;
      if (left <= 0) {
        silence_after_[way] = -1;
        ++counts_.silenced;
        silent_[kToServer] = silent_[kToClient] = true;
        return;
      }
      size = std::min(size, static_cast<size_t>(left));
    }
    const ssize_t n =
        ::send(connection.sink(way).get(), bytes.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return Cut(connection);
    const auto sent = static_cast<size_t>(n);
    if (way == kToServer && connection.record) connection.record->append(bytes, 0, sent);
    if (way == kToServer && connection.copy != nullptr) {
      connection.copy->unsent.append(bytes, 0, sent);
    }
    stream.carried += n;
    stream.queued -= sent;
    (way == kToServer ? counts_.to_server : counts_.to_client) += n;
    bytes.erase(0, sent);
    if (bytes.empty()) stream.queue.pop_front();
  }
  if (stream.Done() && !stream.closed && !silent_[way] && !connection.over) {
    ::shutdown(connection.sink(way).get(), SHUT_WR);
    stream.closed = true;
  }
}

void FaultProxy::StartCopy(Connection& connection, std::string bytes) {
  auto copy = std::make_unique<Copy>();
  copy->server = Connect(server_);
  if (!copy->server.valid()) return;
  copy->unsent = std::move(bytes);
  ++counts_.copies;
  connection.copy = copy.get();
  copies_.push_back(std::move(copy));
}

void FaultProxy::ServeCopy(Copy& copy) {
  std::array<char, kPiece> ignored{};
  const ssize_t n = ::read(copy.server.get(), ignored.data(), ignored.size());
  bool ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  if (!ended && !copy.unsent.empty()) {
    const ssize_t sent = ::send(copy.server.get(), copy.unsent.data(), copy.unsent.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) copy.unsent.erase(0, static_cast<size_t>(sent));
    ended = sent < 0 && errno != EAGAIN && errno != EINTR;
  }
  if (!ended) return;
  copy.over = true;
  for (const auto& connection : connections_) {
    if (connection->copy == &copy) connection->copy = nullptr;
  }
}

void FaultProxy::Cut(Connection& connection) {
  Reset(connection.client);
  Reset(connection.server);
  End(connection);
}

void FaultProxy::End(Connection& connection) {
  connection.over = true;
  connection.client.reset();
  connection.server.reset();
  if (connection.record && !connection.record->empty()) {
    StartCopy(connection, std::move(*connection.record));
  }
}

}  // namespace stored::tests
