// The server's own keepalive, with shorter times: it drops a watcher whose network is gone, even if
// it had nothing to send for a long time before.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "server/server.h"
#include "tests/network/proxied_test.h"

namespace stored::tests {
namespace {

// The times: how long the stream is quiet; how long the server then takes to close the connection
// (two seconds by its options); and a limit of the whole watch, long enough to leave no doubt that
// the server ended it.
constexpr absl::Duration kQuiet = absl::Seconds(6);
constexpr absl::Duration kHangUp = absl::Seconds(20);
constexpr absl::Duration kWatch = absl::Minutes(1);

class KeepaliveTest : public ProxiedTest {};

TEST_F(KeepaliveTest, QuietWatcher_WhoseNetworkIsGone_IsDropped) {
  server::ServerOptions options;
  options.data_directory = data();
  options.listen = {address()};
  options.keepalive = {.interval = absl::Seconds(1), .timeout = absl::Seconds(1)};
  const auto server = server::Server::Start(options, Clock::System());
  ASSERT_TRUE(server.ok()) << server.status();
  HeldStore held = HoldStoreLong("r");

  std::atomic<int> told = 0;
  std::atomic<bool> ended = false;
  std::thread watcher([&] {
    v1::WatchStatusRequest request;
    request.set_token(held.token);
    client::Connection connection(*client::Endpoint::Parse(network().address()));
    (void)connection.WatchStatus(request, kWatch, [&](const v1::StoreStatus&) { ++told; });
    ended = true;
  });
  EXPECT_TRUE(Await([&] { return told > 0; }));
  // Quiet for longer than gRPC tolerates pings without data (two of them). That limit binds clients
  // only.
  absl::SleepFor(kQuiet);
  EXPECT_FALSE(ended);
  // The server receives nothing any more, but the client still sees the server close the
  // connection.
  network().SetSilent(FaultProxy::kToServer, true);
  EXPECT_TRUE(Await([&] { return ended.load(); }, kHangUp));
  watcher.join();
}

}  // namespace
}  // namespace stored::tests
