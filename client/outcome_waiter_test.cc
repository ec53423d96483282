#include "client/outcome_waiter.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <vector>

#include "client/connection.h"
#include "client/testing/fake_clock.h"
#include "client/testing/fake_server.h"

namespace stored::client {
namespace {

using ::testing::ElementsAre;

double Middle() { return 0.5; }

v1::StoreStatus State(v1::StoreState state, int64_t poll_after_ms = 0) {
  v1::StoreStatus status;
  status.set_token("t");
  status.set_state(state);
  if (poll_after_ms > 0) {
    status.mutable_poll_after()->set_seconds(poll_after_ms / 1000);
    status.mutable_poll_after()->set_nanos(static_cast<int>(poll_after_ms % 1000 * 1'000'000));
  }
  return status;
}

v1::StoreStatus Running(int64_t poll_after_ms) {
  return State(v1::STORE_STATE_RUNNING, poll_after_ms);
}
v1::StoreStatus Completed() { return State(v1::STORE_STATE_COMPLETED); }

// Returns scripted results. A stream is a list of states and the status that it ends with.
class ScriptedSource final : public StatusSource {
 public:
  struct Stream {
    std::vector<v1::StoreStatus> states;
    absl::Status end;
  };

  absl::StatusOr<v1::StoreStatus> Poll(const std::string& /*token*/,
                                       absl::Duration timeout) override {
    ++poll_count;
    timeouts.push_back(timeout);
    if (polls.empty()) return absl::InternalError("the script has no further poll");
    absl::StatusOr<v1::StoreStatus> answer = polls.front();
    if (polls.size() > 1 || !repeat_last) polls.pop_front();
    return answer;
  }

  absl::Status Watch(const std::string& /*token*/, absl::Duration timeout,
                     absl::FunctionRef<void(const v1::StoreStatus&)> on_status) override {
    ++watch_count;
    timeouts.push_back(timeout);
    if (streams.empty()) return absl::InternalError("the script has no further stream");
    const Stream stream = streams.front();
    streams.pop_front();
    for (const v1::StoreStatus& status : stream.states) on_status(status);
    return stream.end;
  }

  std::deque<absl::StatusOr<v1::StoreStatus>> polls;
  std::deque<Stream> streams;
  bool repeat_last = false;
  int poll_count = 0;
  int watch_count = 0;
  std::vector<absl::Duration> timeouts;
};

class OutcomeWaiterTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::StoreStatus> Wait(absl::Duration allowed = absl::InfiniteDuration(),
                                       const std::optional<v1::StoreStatus>& known = std::nullopt) {
    options_.retry.first_delay = absl::Seconds(1);
    options_.retry.longest_delay = absl::Seconds(8);
    OutcomeWaiter waiter(source_, clock_, TimeLimit(clock_, allowed), options_, Middle);
    return waiter.Wait("t", known);
  }

  FakeClock clock_;
  ScriptedSource source_;
  WaitOptions options_;
};

TEST_F(OutcomeWaiterTest, Wait_Final_ReturnsItWithoutSleeping) {
  source_.polls = {Completed()};
  EXPECT_EQ(Wait()->state(), v1::STORE_STATE_COMPLETED);
  EXPECT_TRUE(clock_.sleeps().empty());
}

TEST_F(OutcomeWaiterTest, Wait_InProgress_SleepsAsTheServerAdvises) {
  source_.polls = {Running(200), Running(5000), Completed()};
  ASSERT_TRUE(Wait().ok());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Milliseconds(200), absl::Seconds(5)));
}

TEST_F(OutcomeWaiterTest, Wait_StateKnown_SleepsBeforeTheFirstPoll) {
  source_.polls = {Completed()};
  ASSERT_TRUE(Wait(absl::InfiniteDuration(), Running(3000)).ok());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Seconds(3)));
  EXPECT_EQ(source_.poll_count, 1);
  EXPECT_EQ(source_.watch_count, 0);
}

TEST_F(OutcomeWaiterTest, Wait_EndIsNear_IsLearntFromAStream) {
  source_.streams = {{{Running(300), Completed()}, absl::OkStatus()}};
  ASSERT_TRUE(Wait(absl::InfiniteDuration(), Running(300)).ok());
  EXPECT_TRUE(clock_.sleeps().empty());
  EXPECT_EQ(source_.poll_count, 0);
  EXPECT_THAT(source_.timeouts, ElementsAre(absl::Seconds(1)));
}

TEST_F(OutcomeWaiterTest, Wait_EndIsNearButTheStreamFails_Polls) {
  source_.streams = {{{}, absl::UnavailableError("no answer within 1s")}};
  source_.polls = {Running(2000), Completed()};
  ASSERT_TRUE(Wait(absl::InfiniteDuration(), Running(300)).ok());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Seconds(2)));
  EXPECT_EQ(source_.watch_count, 1);
}

TEST_F(OutcomeWaiterTest, Wait_KnownToBeFinal_DoesNotPoll) {
  EXPECT_EQ(Wait(absl::InfiniteDuration(), State(v1::STORE_STATE_FAILED))->state(),
            v1::STORE_STATE_FAILED);
  EXPECT_EQ(source_.poll_count, 0);
}

TEST_F(OutcomeWaiterTest, Wait_ServerUnreachable_BacksOffAndReturnsTheOutcome) {
  const absl::Status down = absl::UnavailableError("Connection refused");
  source_.polls = {Running(100), down, down, Completed()};
  std::vector<std::string> failures;
  options_.on_failure = [&](const absl::Status& status, absl::Duration) {
    failures.emplace_back(status.message());
  };
  EXPECT_EQ(Wait()->state(), v1::STORE_STATE_COMPLETED);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Milliseconds(100), absl::Milliseconds(750),
                                           absl::Milliseconds(1500)));
  EXPECT_THAT(failures, ElementsAre("Connection refused", "Connection refused"));
}

TEST_F(OutcomeWaiterTest, Wait_ServerStaysUnreachable_GivesUpAfterTenMinutes) {
  source_.polls = {absl::UnavailableError("Connection refused")};
  source_.repeat_last = true;
  const absl::Duration begin = clock_.Monotonic();
  EXPECT_TRUE(absl::IsUnavailable(Wait().status()));
  EXPECT_EQ(clock_.Monotonic() - begin, absl::Minutes(10));
}

TEST_F(OutcomeWaiterTest, Wait_UnknownToken_IsNotFoundAtOnce) {
  source_.polls = {absl::NotFoundError("no such token")};
  EXPECT_TRUE(absl::IsNotFound(Wait().status()));
  EXPECT_TRUE(clock_.sleeps().empty());
}

TEST_F(OutcomeWaiterTest, Wait_TimeRunsOut_PollsOnceMoreAtTheEnd) {
  source_.polls = {Running(4000)};
  source_.repeat_last = true;
  const absl::Duration begin = clock_.Monotonic();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Wait(absl::Seconds(10)).status()));
  EXPECT_EQ(clock_.Monotonic() - begin, absl::Seconds(10));
  EXPECT_EQ(source_.poll_count, 4);
  EXPECT_THAT(source_.timeouts,
              ElementsAre(absl::Seconds(10), absl::Seconds(6), absl::Seconds(2), absl::Seconds(1)));
}

TEST_F(OutcomeWaiterTest, Wait_ServerClockIsOff_DoesNotMatter) {
  v1::StoreStatus from_the_past = Running(1000);
  from_the_past.mutable_heartbeat_at()->set_seconds(-1'000'000);
  v1::StoreStatus from_the_future = Running(1000);
  from_the_future.mutable_heartbeat_at()->set_seconds(100'000'000'000);
  source_.polls = {from_the_past, from_the_future, Completed()};
  EXPECT_TRUE(Wait(absl::Seconds(60)).ok());
}

TEST_F(OutcomeWaiterTest, Watch_StreamToTheEnd_NeverPolls) {
  options_.watch = true;
  source_.streams = {{{Running(1), Running(1), Completed()}, absl::OkStatus()}};
  std::vector<v1::StoreState> seen;
  options_.on_status = [&](const v1::StoreStatus& status) { seen.push_back(status.state()); };
  ASSERT_TRUE(Wait().ok());
  EXPECT_EQ(source_.poll_count, 0);
  EXPECT_THAT(seen, ElementsAre(v1::STORE_STATE_RUNNING, v1::STORE_STATE_RUNNING,
                                v1::STORE_STATE_COMPLETED));
}

TEST_F(OutcomeWaiterTest, Watch_StreamBreaks_PollsAndReopensIt) {
  options_.watch = true;
  source_.streams = {{{Running(1)}, absl::UnavailableError("Connection reset by peer")},
                     {{Completed()}, absl::OkStatus()}};
  source_.polls = {Running(100)};
  ASSERT_TRUE(Wait().ok());
  EXPECT_EQ(source_.watch_count, 2);
  EXPECT_EQ(source_.poll_count, 1);
}

TEST_F(OutcomeWaiterTest, Watch_Unimplemented_PollsFromThenOn) {
  options_.watch = true;
  source_.streams = {{{}, absl::UnimplementedError("what?")}};
  source_.polls = {Running(100), Running(100), Completed()};
  ASSERT_TRUE(Wait().ok());
  EXPECT_EQ(source_.watch_count, 1);
  EXPECT_EQ(source_.poll_count, 3);
}

TEST_F(OutcomeWaiterTest, Watch_UnknownToken_IsNotFoundAtOnce) {
  options_.watch = true;
  source_.streams = {{{}, absl::NotFoundError("no such token")}};
  source_.polls = {absl::NotFoundError("no such token")};
  EXPECT_TRUE(absl::IsNotFound(Wait().status()));
}

TEST_F(OutcomeWaiterTest, Watch_StreamDelivered_NextMayLastLonger) {
  options_.watch = true;
  source_.streams = {{{Running(1)}, absl::UnavailableError("no answer within 30s")},
                     {{}, absl::UnavailableError("no answer within 10m")},
                     {{Completed()}, absl::OkStatus()}};
  source_.polls = {Running(100), Running(100)};
  ASSERT_TRUE(Wait().ok());
  EXPECT_THAT(source_.timeouts, ElementsAre(absl::Seconds(30), absl::Seconds(10), absl::Minutes(10),
                                            absl::Seconds(10), absl::Seconds(30)));
}

TEST(PollingPolicyTest, Interval_VariesByAFifthWithinBounds) {
  const PollingPolicy policy;
  EXPECT_EQ(policy.Interval(Running(10'000), 0), absl::Seconds(8));
  EXPECT_EQ(policy.Interval(Running(10'000), 0.5), absl::Seconds(10));
  EXPECT_EQ(policy.Interval(Running(1), 0.5), absl::Milliseconds(50));
  EXPECT_EQ(policy.Interval(Running(600'000), 0.5), absl::Seconds(30));
  EXPECT_EQ(policy.Interval(State(v1::STORE_STATE_RUNNING), 0.5), absl::Seconds(1));
}

// Returns the number of open connections from this machine to `port` (proc(5), /proc/net/tcp:
// state 01 is ESTABLISHED; gRPC's IPv4 sockets may be listed as IPv6).
int OpenConnectionsTo(int port) {
  const std::string remote = fmt::format(":{:04X}", port);
  int count = 0;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string number, local, peer, state;
      fields >> number >> local >> peer >> state;
      if (state == "01" && peer.ends_with(remote)) ++count;
    }
  }
  return count;
}

TEST(RemoteStatusSourceTest, Wait_BetweenPolls_NoConnectionIsOpen) {
  FakeServer server;
  int polls = 0;
  int open_during_call = 0;
  server.on_get_status = [&](const std::string&, v1::StoreStatus& status) {
    open_during_call += OpenConnectionsTo(server.port());
    status = ++polls < 4 ? Running(100) : Completed();
    return grpc::Status::OK;
  };
  FakeClock clock;
  clock.on_sleep = [&] {
    // The kernel closes the socket a moment after the client does.
    const absl::Duration deadline = Clock::System().Monotonic() + absl::Minutes(1);
    while (OpenConnectionsTo(server.port()) > 0 && Clock::System().Monotonic() < deadline) {
    }
    EXPECT_EQ(OpenConnectionsTo(server.port()), 0);
  };
  RemoteStatusSource source(*Endpoint::Parse(server.address()));
  OutcomeWaiter waiter(source, clock, TimeLimit(clock, absl::InfiniteDuration()), WaitOptions());
  ASSERT_TRUE(waiter.Wait("t", std::nullopt).ok());
  EXPECT_EQ(clock.sleeps().size(), 3u);
  // OpenConnectionsTo() does see open connections.
  EXPECT_EQ(open_during_call, 4);
}

TEST(RemoteStatusSourceTest, Watch_RealStream_ReportsEveryState) {
  FakeServer server;
  server.on_watch = [](const std::string& token, grpc::ServerWriter<v1::StoreStatus>& writer) {
    EXPECT_EQ(token, "t");
    writer.Write(Running(100));
    writer.Write(Completed());
    return grpc::Status::OK;
  };
  RemoteStatusSource source(*Endpoint::Parse(server.address()));
  std::vector<v1::StoreState> seen;
  ASSERT_TRUE(source
                  .Watch("t", absl::Minutes(1),
                         [&](const v1::StoreStatus& status) { seen.push_back(status.state()); })
                  .ok());
  EXPECT_THAT(seen, ElementsAre(v1::STORE_STATE_RUNNING, v1::STORE_STATE_COMPLETED));
}

}  // namespace
}  // namespace stored::client
