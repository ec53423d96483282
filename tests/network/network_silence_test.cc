// Networks that drop everything and close nothing, for longer than any call waits: the programs
// notice, and get the right outcome once the silence is over, or end at their time limit. The waits
// of a test run side by side.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "client/outcome_waiter.h"
#include "tests/network/proxied_test.h"

namespace stored::tests {
namespace {

using ::testing::HasSubstr;

// The client's and the server's keepalive: 20 s until a ping is sent, 10 s until the peer is given
// up. The slack is for a busy machine.
constexpr absl::Duration kKeepalive = absl::Seconds(30);
constexpr absl::Duration kSlack = absl::Seconds(20);
// The limit of an RPC, see client/connection.h.
constexpr absl::Duration kRpcTimeout = absl::Seconds(10);

int CountLines(const std::string& log, const std::string& text) {
  int count = 0;
  for (size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
  return count;
}

class NetworkSilenceTest : public ProxiedTest {
 protected:
  void SetUp() override {
    ProxiedTest::SetUp();
    StartServer();
  }

  // Starts a storectl that waits for a store, and silences its network once it knows that the store
  // runs.
  Client StartAndSilence(FaultProxy& network, std::vector<std::string> arguments) {
    arguments.emplace_back("-v");
    Client client = Start(network, std::move(arguments));
    EXPECT_NE(client.child().WaitForLine("running"), "") << client.child().Output();
    network.SetSilent(true);
    return client;
  }
};

TEST_F(NetworkSilenceTest, Wait_Silence_IsNoticedOnBothSides_AndTheOutcomeIsRightAfterwards) {
  HeldStore held = HoldStoreLong("r");
  const absl::Time start = absl::Now();
  const auto since = [&] { return absl::Now() - start; };

  const auto watch_network = NewNetwork();
  Client watch = StartAndSilence(*watch_network, {"wait", held.token, "--watch"});
  // storectl reopens its first stream after half a minute in any case. This stream would last.
  const auto stream_network = NewNetwork();
  std::atomic<bool> stream_told = false;
  std::atomic<bool> stream_ended = false;
  std::thread stream([&] {
    client::RemoteStatusSource source(*client::Endpoint::Parse(stream_network->address()));
    EXPECT_FALSE(source
                     .Watch(held.token, absl::Minutes(2),
                            [&](const v1::StoreStatus&) { stream_told = true; })
                     .ok());
    stream_ended = true;
  });
  EXPECT_TRUE(Await([&] { return stream_told.load(); }));
  stream_network->SetSilent(true);
  const auto poll_network = NewNetwork();
  Client poll = StartAndSilence(*poll_network, {"wait", held.token});
  // A network that reaches no server from the start.
  const auto dark_network = NewNetwork();
  dark_network->SetSilent(true);
  Client poll_limited = Start(*dark_network, {"wait", held.token, "--timeout", "3s"});
  Client watch_limited = Start(*dark_network, {"wait", held.token, "--watch", "--timeout", "3s"});
  Client upload_limited =
      Start(*dark_network, {"upload", WriteReports("x", 1, 10), "--name", "x", "--timeout", "3s"});
  // This storectl is stopped by a signal, for longer than the limit of an RPC.
  const auto good_network = NewNetwork();
  Client paused = Start(*good_network, {"wait", held.token, "-v"});
  EXPECT_NE(paused.child().WaitForLine("running"), "");
  paused.child().Signal(SIGSTOP);

  for (Client* client : {&poll_limited, &watch_limited, &upload_limited}) {
    ExpectEnd(*client, 4, kKeepalive / 2);
  }
  EXPECT_THAT(poll_limited.child().Output(), HasSubstr("storectl wait " + held.token));

  // The server drops watchers that do not respond.
  const auto watchers_gone = [this] { return CountLines(server().Output(), "WatchStatus from"); };
  EXPECT_TRUE(Await([&] { return watchers_gone() >= 2; }, kKeepalive + kSlack - since()));
  std::cout << "  the server noticed after " << since() << "\n";
  // The clients drop their streams; storectl polls by itself.
  EXPECT_TRUE(Await([&] { return stream_ended.load(); }, kKeepalive + kSlack - since()));
  EXPECT_TRUE(Await([&] { return watch_network->counts().connections >= 2; },
                    kKeepalive + kSlack - since()));
  std::cout << "  the client noticed after " << since() << "\n";
  EXPECT_GE(since(), absl::Seconds(15)) << "too soon to have been the keepalive";
  EXPECT_THAT(poll.child().Output(), HasSubstr("no answer within 10s"));

  held.lock.reset();
  EXPECT_TRUE(Await([&] { return !Status(held.token).in_progress(); }));
  paused.child().Signal(SIGCONT);
  stream_network->SetSilent(false);
  stream.join();
  watch_network->SetSilent(false);
  poll_network->SetSilent(false);
  // Each client may be in the middle of its longest delay between two retries.
  for (Client* client : {&watch, &poll, &paused}) ExpectEnd(*client, 0, kRpcTimeout + kSlack);
  ExpectStoredOnce("r", 1);
}

TEST_F(NetworkSilenceTest, Wait_SilenceOfSomeSeconds_EndsSoonAfterIt) {
  HeldStore held = HoldStoreLong("r");
  std::vector<std::unique_ptr<FaultProxy>> networks;
  std::vector<Client> clients;
  for (const std::string mode : {"--watch", "-v"}) {
    networks.push_back(NewNetwork());
    clients.push_back(StartAndSilence(*networks.back(), {"wait", held.token, mode}));
  }
  held.lock.reset();
  EXPECT_TRUE(Await([&] { return !Status(held.token).in_progress(); }));
  absl::SleepFor(absl::Seconds(3));
  for (const auto& network : networks) network->SetSilent(false);
  // Sooner than a lost call would reach its limit.
  for (Client& client : clients) ExpectEnd(client, 0, kRpcTimeout - absl::Seconds(1));
}

// As in a program that links the client library: only the policy limits the wait.
TEST_F(NetworkSilenceTest, Wait_NoTimeout_EndsWhenPatienceRunsOut) {
  const std::string token = UploadOne("r");
  const auto wait = [&](client::WaitOptions options) {
    client::RemoteStatusSource source(*client::Endpoint::Parse(network().address()));
    const absl::Time start = absl::Now();
    client::OutcomeWaiter waiter(source, Clock::System(),
                                 client::TimeLimit(Clock::System(), absl::InfiniteDuration()),
                                 std::move(options));
    const absl::StatusOr<v1::StoreStatus> status = waiter.Wait(token, std::nullopt);
    std::cout << "  " << absl::Now() - start << " until " << status.status() << "\n";
    EXPECT_EQ(status.status().code(), absl::StatusCode::kUnavailable) << status.status();
    return absl::Now() - start;
  };
  client::WaitOptions options;
  options.retry.patience = absl::Seconds(2);
  network().SetRefusing(true);
  absl::Duration took = wait(options);
  EXPECT_GE(took, absl::Seconds(2));
  EXPECT_LT(took, kRpcTimeout);
  network().SetRefusing(false);
  network().SetSilent(true);
  // The patience counts from the failure of the first poll, and a poll begun before its end may
  // finish.
  took = wait(options);
  EXPECT_GE(took, kRpcTimeout);
  EXPECT_LT(took, 2 * kRpcTimeout + kSlack);
}

}  // namespace
}  // namespace stored::tests
