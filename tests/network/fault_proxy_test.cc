#include "tests/network/fault_proxy.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "base/files/file.h"

namespace stored::tests {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);
// Long enough that an unwanted effect would be seen.
constexpr absl::Duration kMoment = absl::Milliseconds(200);

UniqueFd UnixSocket(const std::string& path, sockaddr_un* address) {
  address->sun_family = AF_UNIX;
  path.copy(address->sun_path, sizeof(address->sun_path) - 1);
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

bool Await(const std::function<bool()>& condition, absl::Duration limit = kLimit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

bool Readable(const UniqueFd& fd, absl::Duration limit) {
  pollfd wanted{fd.get(), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) == 1;
}

// Returns the next bytes, "" at the end, "reset" if the connection was reset, "nothing" if none
// arrive.
std::string Read(const UniqueFd& fd, absl::Duration limit = kLimit) {
  if (!Readable(fd, limit)) return "nothing";
  std::array<char, 4096> buffer{};
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  return n < 0 ? "reset" : std::string(buffer.data(), static_cast<size_t>(n));
}

void Write(const UniqueFd& fd, const std::string& text) {
  EXPECT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

class FaultProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "fault-proxy-");
    ASSERT_TRUE(created.ok());
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    const std::string path = directory_->path() + "/server";
    sockaddr_un address{};
    listener_ = UnixSocket(path, &address);
    ASSERT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::listen(listener_.get(), 10), 0);
    proxy_ = std::make_unique<FaultProxy>("unix:" + directory_->path() + "/proxy", "unix:" + path);
  }

  // Returns an invalid descriptor if the connection is refused.
  UniqueFd Dial() {
    sockaddr_un address{};
    UniqueFd fd = UnixSocket(proxy_->address().substr(5), &address);
    const int error = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    return error == 0 ? std::move(fd) : UniqueFd();
  }

  // Returns the server's end of the next connection, or an invalid descriptor if none is made.
  UniqueFd Answer(absl::Duration limit = kLimit) {
    if (!Readable(listener_, limit)) return UniqueFd();
    return UniqueFd(::accept(listener_.get(), nullptr, nullptr));
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  UniqueFd listener_;
  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(FaultProxyTest, NoFault_CarriesBothWays_AndClosesBoth) {
  UniqueFd client = Dial();
  UniqueFd server = Answer();
  Write(client, "ping");
  EXPECT_EQ(Read(server), "ping");
  Write(server, "pong");
  EXPECT_EQ(Read(client), "pong");
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(Read(server), "");
  Write(server, "last");
  EXPECT_EQ(Read(client), "last");
  server.reset();
  EXPECT_EQ(Read(client), "");
  EXPECT_TRUE(Await([&] { return proxy_->counts().open == 0; }));
  EXPECT_EQ(proxy_->counts().connections, 1);
  EXPECT_EQ(proxy_->counts().to_server, 4);
  EXPECT_EQ(proxy_->counts().to_client, 8);
}

TEST_F(FaultProxyTest, Delay_AppliesToOneDirectionOnly) {
  proxy_->SetDelay(FaultProxy::kToClient, absl::Milliseconds(300));
  UniqueFd client = Dial();
  UniqueFd server = Answer();
  Write(client, "ping");
  EXPECT_EQ(Read(server, kMoment), "ping");
  const absl::Time sent = absl::Now();
  Write(server, "pong");
  EXPECT_EQ(Read(client), "pong");
  EXPECT_GE(absl::Now() - sent, absl::Milliseconds(290));
}

TEST_F(FaultProxyTest, CutAfter_CarriesThatMuchOnThatManyConnections) {
  proxy_->CutAfter(FaultProxy::kToServer, 3, 1);
  UniqueFd first = Dial();
  UniqueFd first_server = Answer();
  Write(first, "12345");
  EXPECT_EQ(Read(first_server), "123");
  EXPECT_TRUE(Await([&] { return proxy_->counts().cut == 1; }));
  EXPECT_NE(Read(first), "nothing");
  UniqueFd second = Dial();
  UniqueFd second_server = Answer();
  Write(second, "12345");
  EXPECT_EQ(Read(second_server), "12345");
  EXPECT_EQ(proxy_->counts().cut, 1);
  proxy_->CutAll();
  EXPECT_NE(Read(second), "nothing");
  EXPECT_EQ(proxy_->counts().cut, 2);
}

TEST_F(FaultProxyTest, CutAfter_SparesTheFirst) {
  UniqueFd before = Dial();
  UniqueFd before_server = Answer();
  proxy_->CutAfter(FaultProxy::kToServer, 3, 1, 1);
  UniqueFd spared = Dial();
  UniqueFd spared_server = Answer();
  UniqueFd client = Dial();
  UniqueFd server = Answer();
  for (const UniqueFd* fd : {&before, &spared, &client}) Write(*fd, "12345");
  EXPECT_EQ(Read(before_server), "12345");
  EXPECT_EQ(Read(spared_server), "12345");
  EXPECT_EQ(Read(server), "123");
}

TEST_F(FaultProxyTest, Silence_ClosesNothing_AndWhatWasSentArrivesAfterIt) {
  UniqueFd old_client = Dial();
  UniqueFd old_server = Answer();
  proxy_->SilenceAfter(FaultProxy::kToServer, 2);
  Write(old_client, "1234");
  EXPECT_EQ(Read(old_server), "12");
  EXPECT_EQ(Read(old_server, kMoment), "nothing");
  EXPECT_EQ(proxy_->counts().silenced, 1);
  UniqueFd new_client = Dial();
  Write(new_client, "new");
  UniqueFd new_server = Answer();
  EXPECT_EQ(Read(new_server, kMoment), "nothing");
  // The proxy does not pass on that the client has closed its connection either.
  new_client.reset();
  EXPECT_EQ(Read(new_server, kMoment), "nothing");
  proxy_->SetSilent(false);
  EXPECT_EQ(Read(old_server), "34");
  EXPECT_EQ(Read(new_server), "new");
  EXPECT_EQ(Read(new_server), "");
}

TEST_F(FaultProxyTest, Refusing_AcceptsNoConnection_UntilItEnds) {
  proxy_->SetRefusing(true);
  EXPECT_FALSE(Dial().valid());
  proxy_->SetRefusing(false);
  UniqueFd client = Dial();
  ASSERT_TRUE(client.valid());
  Write(client, "ping");
  EXPECT_EQ(Read(Answer()), "ping");
}

TEST_F(FaultProxyTest, CopiesAtOnce_ServerReceivesEverythingTwice_ClientOnce) {
  proxy_->SetCopies(FaultProxy::Copies::kAtOnce);
  UniqueFd client = Dial();
  UniqueFd one = Answer();
  UniqueFd other = Answer();
  Write(client, "ping");
  EXPECT_EQ(Read(one), "ping");
  EXPECT_EQ(Read(other), "ping");
  Write(one, "1");
  EXPECT_EQ(Read(client), "1");
  Write(other, "2");
  EXPECT_EQ(Read(client, kMoment), "nothing");
  EXPECT_EQ(proxy_->counts().copies, 1);
}

TEST_F(FaultProxyTest, CopiesLate_StartWhenTheConnectionHasEnded) {
  proxy_->SetCopies(FaultProxy::Copies::kLate);
  UniqueFd client = Dial();
  UniqueFd server = Answer();
  Write(client, "ping");
  EXPECT_EQ(Read(server), "ping");
  EXPECT_FALSE(Answer(kMoment).valid());
  client.reset();
  server.reset();
  UniqueFd late = Answer();
  ASSERT_TRUE(late.valid());
  EXPECT_EQ(Read(late), "ping");
}

}  // namespace
}  // namespace stored::tests
