// Networks that break, slow down, repeat and lose messages: whatever they do, an upload ends with
// one token and is stored once. Tests that take long are in network_silence_test.cc, faults of the
// programs in process_fault_test.cc.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/network/proxied_test.h"

namespace stored::tests {
namespace {

using ::testing::HasSubstr;
using Way = FaultProxy::Way;

constexpr Way kToServer = FaultProxy::kToServer;
constexpr Way kToClient = FaultProxy::kToClient;

// Connections on which storectl asks whether the server is there, and which sources it lacks.
constexpr int kCallsBefore = 2;
// A limit for every operation here; usually each takes a fraction of it.
constexpr absl::Duration kLimit = kTestPatience;

class NetworkFaultTest : public ProxiedTest {
 protected:
  void SetUp() override {
    ProxiedTest::SetUp();
    StartServer();
  }

  // Starts a storectl whose upload is accepted while the response is still on its way.
  Client StartUnanswered(const std::string& run) {
    const std::string reports = WriteReports(run, 1, 1000);
    network().SetDelay(kToClient, absl::Milliseconds(500));
    Client client = Start({"upload", reports, "--name", run});
    EXPECT_TRUE(Await([&] { return ArrivedIn(server().Output(), run).accepted == 1; }));
    return client;
  }
};

TEST_F(NetworkFaultTest, Upload_CutAnywhere_ResumesThere_AndIsStoredOnce) {
  int n = 0;
  for (const int64_t bytes : {0, 1, 100, 5'000, 70'000, 600'000, 1'048'600, 1'400'000, 2'100'000,
                              3'333'333, 4'200'000, 4'850'000}) {
    const std::string run = fmt::format("cut-{}", ++n);
    const std::string reports = LargeReports(run);
    network().CutAfter(kToServer, bytes, 1, kCallsBefore);
    ExpectUpload({reports, "--name", run}, kLimit);
    const v1::StoreStatus store = ExpectStoredOnce(run, kLargeReports);
    EXPECT_GT(store.payload_size(), 4'500'000);
    // No byte that had arrived was sent again.
    EXPECT_EQ(ArrivedIn(Log(), run).bytes, store.payload_size()) << bytes << "\n" << Log();
  }
  EXPECT_EQ(network().counts().cut, n);
}

TEST_F(NetworkFaultTest, Upload_EveryConnectionCut_SucceedsChunkByChunk) {
  const std::string reports = LargeReports("r");
  network().CutAfter(kToServer, 1'600'000, 1000);
  ExpectUpload({reports, "--name", "r"}, kLimit);
  EXPECT_GE(network().counts().cut, 3);
  EXPECT_EQ(ArrivedIn(Log(), "r").bytes, ExpectStoredOnce("r", kLargeReports).payload_size());
}

TEST_F(NetworkFaultTest, Upload_CutAnywhereInTheAnswers_IsStoredOnce) {
  int lost = 0;
  for (int bytes = 0; bytes < 600; bytes += 40) {
    const std::string run = fmt::format("answer-{}", bytes);
    const std::string reports = WriteReports(run, 2, 1000);
    network().CutAfter(kToClient, bytes, 1, kCallsBefore);
    Client client = Start({"upload", reports, "--name", run});
    ExpectEnd(client, 0, kLimit);
    const v1::StoreStatus store = ExpectStoredOnce(run, 2);
    EXPECT_THAT(client.child().Output(), HasSubstr("token " + store.token()));
    const bool went_on = client.child().Output().find("resuming") != std::string::npos;
    if (went_on && ArrivedIn(Log(), run).accepted > 0) ++lost;
  }
  // Otherwise this test checks nothing.
  EXPECT_GE(lost, 1);
}

TEST_F(NetworkFaultTest, Upload_LostAnswer_GetsTheSameTokenAndSendsNothingAgain) {
  Client client = StartUnanswered("r");
  network().CutAll();
  network().SetDelay(kToClient, absl::ZeroDuration());
  ExpectEnd(client, 0, kLimit);
  EXPECT_THAT(client.child().Output(), HasSubstr("resuming"));
  EXPECT_THAT(client.child().Output(), HasSubstr("token " + ExpectStoredOnce("r", 1).token()));
  EXPECT_EQ(ArrivedIn(Log(), "r").calls, 1) << Log();
}

TEST_F(NetworkFaultTest, Upload_SilenceInTheMiddle_ResumesAfterIt) {
  Client client = StartHalfUpload("r", 2'000'000);
  absl::SleepFor(absl::Seconds(3));
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", kLargeReports);
}

TEST_F(NetworkFaultTest, Upload_SilenceAndThenAReset_ResumesAfterIt) {
  Client client = StartHalfUpload("r", 2'000'000);
  network().CutAll();
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  EXPECT_EQ(ArrivedIn(Log(), "r").bytes, ExpectStoredOnce("r", kLargeReports).payload_size());
}

TEST_F(NetworkFaultTest, Upload_SilenceBeforeTheToken_GetsItAfterIt) {
  Client client = StartUnanswered("r");
  network().SetSilent(true);
  absl::SleepFor(absl::Seconds(3));
  network().SetDelay(kToClient, absl::ZeroDuration());
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", 1);
  EXPECT_EQ(ArrivedIn(Log(), "r").calls, 1) << Log();
}

TEST_F(NetworkFaultTest, Upload_SilenceForEver_ExitsWithFourAtItsTimeout) {
  const std::string reports = LargeReports("r");
  network().SilenceAfter(kToServer, 2'000'000);
  Client client = Start({"upload", reports, "--name", "r", "--timeout", "3s"});
  // Not only when keepalive would notice, after half a minute.
  ExpectEnd(client, 4, absl::Seconds(20));
  EXPECT_THAT(client.child().Output(), HasSubstr("--upload-id"));
}

TEST_F(NetworkFaultTest, Upload_ExpiredWhileItArrived_IsSentAgain) {
  StopServer();
  StartServer({"--upload-expiry", "1s", "--gc-interval", "1s"});
  Client client = StartHalfUpload("r", 3'000'000);
  EXPECT_TRUE(Await([this] { return Spooled(".part").empty(); }));
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", kLargeReports);
}

TEST_F(NetworkFaultTest, Everything_OnASlowNetwork_Works) {
  for (const Way way : {kToServer, kToClient}) network().SetDelay(way, absl::Milliseconds(150));
  ExpectUpload({LargeReports("poll"), "--name", "poll"}, kLimit);
  ExpectUpload({WriteReports("watch", 1, 10), "--name", "watch", "--watch"}, kLimit);
  ExpectStoredOnce("poll", kLargeReports);
  ExpectStoredOnce("watch", 1);
}

TEST_F(NetworkFaultTest, Upload_ServerDownForAWhile_WaitsForIt) {
  network().SetRefusing(true);
  Client client = Start({"upload", WriteReports("r", 1, 10), "--name", "r", "--timeout", "30s"});
  absl::SleepFor(absl::Seconds(2));
  network().SetRefusing(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", 1);
}

TEST_F(NetworkFaultTest, Copies_AtOnce_StoredOnce) {
  network().SetCopies(FaultProxy::Copies::kAtOnce);
  for (const int files : {1, 3, kLargeReports}) {
    const std::string run = fmt::format("small-{}", files);
    ExpectUpload({WriteReports(run, files, 3000), "--name", run}, kLimit);
    ExpectStoredOnce(run, files);
  }
  ExpectUpload({LargeReports("large"), "--name", "large"}, kLimit);
  ExpectStoredOnce("large", kLargeReports);
  EXPECT_GT(network().counts().copies, 0);
}

TEST_F(NetworkFaultTest, Copies_ThatArriveLate_AreTheSameStore) {
  network().SetCopies(FaultProxy::Copies::kLate);
  ExpectUpload({WriteReports("r", 2, 3000), "--name", "r"}, kLimit);
  // The server accepted the late copies too, and recognized them as the same upload.
  EXPECT_TRUE(Await([&] { return ArrivedIn(Log(), "r").accepted == 2; })) << Log();
  ExpectStoredOnce("r", 2);
  EXPECT_TRUE(Await([this] { return Spooled("").empty(); }));
}

TEST_F(NetworkFaultTest, Copies_OfACutUpload_DoNotDisturbItsContinuation) {
  network().SetCopies(FaultProxy::Copies::kLate);
  for (const int bytes : {2'000, 9'000, 15'000, 25'000}) {
    const std::string run = fmt::format("cut-{}", bytes);
    network().CutAfter(kToServer, bytes);
    ExpectUpload({WriteReports(run, kLargeReports, 3000), "--name", run}, kLimit);
    ExpectStoredOnce(run, kLargeReports);
  }
}

}  // namespace
}  // namespace stored::tests
