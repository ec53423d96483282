// Networks that swallow everything and close nothing, for longer than anybody answers to: who waits
// on the other side notices, and gets the right outcome once they are over, or ends when its time
// is up. What waits here waits side by side.
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

// The client's and the server's keepalive: 20 s until they ask, 10 s until they give up, and what a
// busy machine takes.
constexpr absl::Duration kKeepalive = absl::Seconds(30);
constexpr absl::Duration kSlack = absl::Seconds(20);
// What an RPC may take, see client/connection.h.
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

  // A storectl that waits for a store, has been told that it runs, and hears no more.
  Client StartAndSilence(FaultProxy& network, std::vector<std::string> arguments) {
    arguments.emplace_back("-v");
    Client client = Start(network, std::move(arguments));
    EXPECT_NE(client.child().WaitForLine("running"), "") << client.child().Output();
    network.SetSilent(true);
    return client;
  }
};

TEST_F(NetworkSilenceTest, Wait_Silence_IsNoticedOnBothSides_AndTheOutcomeIsRightAfterIt) {
  HeldStore held = HoldStoreLong("r");
  const absl::Time start = absl::Now();
  const auto since = [&] { return absl::Now() - start; };

  const auto watch_network = NewNetwork();
  Client watch = StartAndSilence(*watch_network, {"wait", held.token, "--watch"});
  // storectl opens its first stream anew after half a minute, whatever comes. This one would last.
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
  // Nobody can be reached from the start.
  const auto dark_network = NewNetwork();
  dark_network->SetSilent(true);
  Client poll_limited = Start(*dark_network, {"wait", held.token, "--timeout", "3s"});
  Client watch_limited = Start(*dark_network, {"wait", held.token, "--watch", "--timeout", "3s"});
  Client upload_limited =
      Start(*dark_network, {"upload", WriteReports("x", 1, 10), "--name", "x", "--timeout", "3s"});
  // Stopped as a whole, for longer than an answer may take.
  const auto good_network = NewNetwork();
  Client paused = Start(*good_network, {"wait", held.token, "-v"});
  EXPECT_NE(paused.child().WaitForLine("running"), "");
  paused.child().Signal(SIGSTOP);

  for (Client* client : {&poll_limited, &watch_limited, &upload_limited}) {
    ExpectEnd(*client, 4, kKeepalive / 2);
  }
  EXPECT_THAT(poll_limited.child().Output(), HasSubstr("storectl wait " + held.token));

  // The server drops watchers that do not answer.
  const auto watchers_gone = [this] { return CountLines(server().Output(), "WatchStatus from"); };
  EXPECT_TRUE(Await([&] { return watchers_gone() >= 2; }, kKeepalive + kSlack - since()));
  std::cout << "  the server noticed after " << since() << "\n";
  // The clients drop their streams; storectl looks by itself.
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
  // Each may be in the middle of its longest delay between two tries.
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
  // Before a call that was lost would have been given up.
  for (Client& client : clients) ExpectEnd(client, 0, kRpcTimeout - absl::Seconds(1));
}

// As a program that links the client library sees it: nothing but the policy bounds the wait.
TEST_F(NetworkSilenceTest, Wait_NoTimeGiven_EndsWhenPatienceIsSpent) {
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
  // The first look, whose failure the patience is counted from, and one that was begun before it
  // was spent.
  took = wait(options);
  EXPECT_GE(took, kRpcTimeout);
  EXPECT_LT(took, 2 * kRpcTimeout + kSlack);
}

}  // namespace
}  // namespace stored::tests
