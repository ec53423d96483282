// Networks that break, slow down, repeat and lose what a client sends and is told: whatever they
// do, an upload ends with one token and is stored once. What takes long is in
// network_silence_test.cc.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/proxied_test.h"

namespace stored::tests {
namespace {

using ::testing::HasSubstr;
using Way = FaultProxy::Way;

constexpr Way kToServer = FaultProxy::kToServer;
constexpr Way kToClient = FaultProxy::kToClient;

// A bundle of ten files of so many bytes is five chunks.
constexpr int kFiles = 10;
constexpr size_t kSourceBytes = size_t{480} << 10;
// Connections on which storectl finds out whether the server is there, and what it lacks.
constexpr int kCallsBefore = 2;
// What anything here may take; a tenth of it is usual.
constexpr absl::Duration kLimit = absl::Seconds(40);

class NetworkFaultTest : public ProxiedTest {
 protected:
  void SetUp() override {
    ProxiedTest::SetUp();
    StartServer();
  }

  std::string LargeReports(const std::string& run) {
    return WriteReports(run, kFiles, kSourceBytes);
  }

  // A storectl whose upload of `run` has come to a stand after so many bytes.
  Client StartHalfUpload(const std::string& run, int64_t bytes) {
    const std::string reports = LargeReports(run);
    network().SilenceAfter(kToServer, bytes);
    Client client = Start({"upload", reports, "--name", run});
    EXPECT_TRUE(Await([this] { return network().counts().silenced == 1; }));
    return client;
  }

  // A storectl whose upload was accepted while the answer is still on its way.
  Client StartUnanswered(const std::string& run) {
    const std::string reports = WriteReports(run, 1, 1000);
    network().SetDelay(kToClient, absl::Milliseconds(500));
    Client client = Start({"upload", reports, "--name", run});
    EXPECT_TRUE(Await([&] { return ArrivedIn(server().Output(), run).accepted == 1; }));
    return client;
  }

  void RestartServer() {
    log_before_ += server().Output();
    StartServer();
  }
  std::string Log() { return log_before_ + server().Output(); }

  std::string log_before_;
};

TEST_F(NetworkFaultTest, Upload_CutAnywhere_GoesOnFromThere_AndIsStoredOnce) {
  int n = 0;
  for (const int64_t bytes : {0, 1, 100, 5'000, 70'000, 600'000, 1'048'600, 1'400'000, 2'100'000,
                              3'333'333, 4'200'000, 4'850'000}) {
    const std::string run = fmt::format("cut-{}", ++n);
    const std::string reports = LargeReports(run);
    network().CutAfter(kToServer, bytes, 1, kCallsBefore);
    ExpectUpload({reports, "--name", run}, kLimit);
    const v1::StoreStatus store = ExpectStoredOnce(run, kFiles);
    EXPECT_GT(store.payload_size(), 4'500'000);
    // Nothing that had arrived was sent again.
    EXPECT_EQ(ArrivedIn(Log(), run).bytes, store.payload_size()) << bytes << "\n" << Log();
  }
  EXPECT_EQ(network().counts().cut, n);
}

TEST_F(NetworkFaultTest, Upload_EveryConnectionCut_GetsThereChunkByChunk) {
  const std::string reports = LargeReports("r");
  network().CutAfter(kToServer, 1'600'000, 1000);
  ExpectUpload({reports, "--name", "r"}, kLimit);
  EXPECT_GE(network().counts().cut, 3);
  EXPECT_EQ(ArrivedIn(Log(), "r").bytes, ExpectStoredOnce("r", kFiles).payload_size());
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
    const bool went_on = client.child().Output().find("going on") != std::string::npos;
    if (went_on && ArrivedIn(Log(), run).accepted > 0) ++lost;
  }
  // Else this tests nothing.
  EXPECT_GE(lost, 1);
}

TEST_F(NetworkFaultTest, Upload_LostAnswer_GetsTheSameTokenAndSendsNothingAgain) {
  Client client = StartUnanswered("r");
  network().CutAll();
  network().SetDelay(kToClient, absl::ZeroDuration());
  ExpectEnd(client, 0, kLimit);
  EXPECT_THAT(client.child().Output(), HasSubstr("going on"));
  EXPECT_THAT(client.child().Output(), HasSubstr("token " + ExpectStoredOnce("r", 1).token()));
  EXPECT_EQ(ArrivedIn(Log(), "r").calls, 1) << Log();
}

TEST_F(NetworkFaultTest, Upload_SilenceInTheMiddle_GoesOnAfterIt) {
  Client client = StartHalfUpload("r", 2'000'000);
  absl::SleepFor(absl::Seconds(3));
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", kFiles);
}

TEST_F(NetworkFaultTest, Upload_SilenceAndThenAReset_GoesOnAfterIt) {
  Client client = StartHalfUpload("r", 2'000'000);
  network().CutAll();
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  EXPECT_EQ(ArrivedIn(Log(), "r").bytes, ExpectStoredOnce("r", kFiles).payload_size());
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

TEST_F(NetworkFaultTest, Upload_SilenceForGood_EndsWithFourWhenItsTimeIsUp) {
  const std::string reports = LargeReports("r");
  network().SilenceAfter(kToServer, 2'000'000);
  Client client = Start({"upload", reports, "--name", "r", "--timeout", "3s"});
  ExpectEnd(client, 4, absl::Seconds(7));
  EXPECT_THAT(client.child().Output(), HasSubstr("--upload-id"));
}

TEST_F(NetworkFaultTest, Upload_ExpiredWhileItArrived_IsSentAgain) {
  StopServer();
  StartServer({"--upload-expiry", "1s"});
  Client client = StartHalfUpload("r", 3'000'000);
  EXPECT_TRUE(Await([this] { return Spooled(".part").empty(); }));
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", kFiles);
}

TEST_F(NetworkFaultTest, Everything_OnASlowNetwork_Works) {
  for (const Way way : {kToServer, kToClient}) network().SetDelay(way, absl::Milliseconds(150));
  ExpectUpload({LargeReports("poll"), "--name", "poll"}, kLimit);
  ExpectUpload({WriteReports("watch", 1, 10), "--name", "watch", "--watch"}, kLimit);
  ExpectStoredOnce("poll", kFiles);
  ExpectStoredOnce("watch", 1);
}

TEST_F(NetworkFaultTest, Upload_NobodyListensForAWhile_WaitsForTheServer) {
  network().SetRefusing(true);
  Client client = Start({"upload", WriteReports("r", 1, 10), "--name", "r", "--timeout", "30s"});
  absl::SleepFor(absl::Seconds(2));
  network().SetRefusing(false);
  ExpectEnd(client, 0, kLimit);
  ExpectStoredOnce("r", 1);
}

TEST_F(NetworkFaultTest, Copies_AtOnce_StoredOnce) {
  network().SetCopies(FaultProxy::Copies::kAtOnce);
  for (const int files : {1, 3, kFiles}) {
    const std::string run = fmt::format("small-{}", files);
    ExpectUpload({WriteReports(run, files, 3000), "--name", run}, kLimit);
    ExpectStoredOnce(run, files);
  }
  ExpectUpload({LargeReports("large"), "--name", "large"}, kLimit);
  ExpectStoredOnce("large", kFiles);
  EXPECT_GT(network().counts().copies, 0);
}

TEST_F(NetworkFaultTest, Copies_ThatComeLate_AreTheSameStore) {
  network().SetCopies(FaultProxy::Copies::kLate);
  ExpectUpload({WriteReports("r", 2, 3000), "--name", "r"}, kLimit);
  // Whatever came late was accepted too, as what it is.
  EXPECT_TRUE(Await([&] { return ArrivedIn(Log(), "r").accepted == 2; })) << Log();
  ExpectStoredOnce("r", 2);
  EXPECT_TRUE(Await([this] { return Spooled("").empty(); }));
}

TEST_F(NetworkFaultTest, Copies_OfWhatWasCut_DoNotSpoilWhatGoesOn) {
  network().SetCopies(FaultProxy::Copies::kLate);
  for (const int bytes : {2'000, 9'000, 15'000, 25'000}) {
    const std::string run = fmt::format("cut-{}", bytes);
    network().CutAfter(kToServer, bytes);
    ExpectUpload({WriteReports(run, kFiles, 3000), "--name", run}, kLimit);
    ExpectStoredOnce(run, kFiles);
  }
}

TEST_F(NetworkFaultTest, Upload_ServerKilledInTheMiddle_GoesOnWithTheNext) {
  Client client = StartHalfUpload("r", 3'000'000);
  server().Stop(SIGKILL);
  network().CutAll();
  RestartServer();
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  const Arrived arrived = ArrivedIn(Log(), "r");
  // The dead server had two chunks and could not say so.
  EXPECT_LT(arrived.bytes, ExpectStoredOnce("r", kFiles).payload_size()) << Log();
}

TEST_F(NetworkFaultTest, Wait_ServerKilled_GetsTheOutcomeFromTheNext) {
  for (const bool watch : {false, true}) {
    const std::string run = watch ? "watch" : "poll";
    HeldStore held = HoldStore(run);
    Client client = Start({"wait", held.token, "-v", watch ? "--watch" : "-v"});
    EXPECT_NE(client.child().WaitForLine("running"), "");
    server().Stop(SIGKILL);
    held.lock.reset();
    EXPECT_NE(client.child().WaitForLine("does not answer"), "");
    RestartServer();
    ExpectEnd(client, 0, kLimit);
    ExpectStoredOnce(run, 1);
  }
}

TEST_F(NetworkFaultTest, Servers_ThatStopCleanly_AreWaitedFor) {
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    const std::string run = fmt::format("r{}", i);
    const std::string reports = LargeReports(run);
    clients.push_back(Start({"upload", reports, "--name", run}));
  }
  EXPECT_TRUE(Await([this] { return network().counts().to_server > 2'000'000; }));
  log_before_ += server().Output();
  StopServer();
  StartServer();
  for (Client& client : clients) ExpectEnd(client, 0, kLimit);
  for (int i = 0; i < 4; ++i) ExpectStoredOnce(fmt::format("r{}", i), kFiles);
}

TEST_F(NetworkFaultTest, PausedServer_IsWaitedFor) {
  Client upload = StartHalfUpload("upload", 2'000'000);
  server().Signal(SIGSTOP);
  network().SetSilent(false);
  absl::SleepFor(absl::Seconds(2));
  server().Signal(SIGCONT);
  ExpectEnd(upload, 0, kLimit);
  ExpectStoredOnce("upload", kFiles);

  HeldStore held = HoldStore("wait");
  Client watch = Start({"wait", held.token, "-v", "--watch"});
  EXPECT_NE(watch.child().WaitForLine("running"), "");
  server().Signal(SIGSTOP);
  Client poll = Start({"wait", held.token});
  held.lock.reset();
  absl::SleepFor(absl::Seconds(2));
  server().Signal(SIGCONT);
  ExpectEnd(watch, 0, kLimit);
  ExpectEnd(poll, 0, kLimit);
  ExpectStoredOnce("wait", 1);
}

TEST_F(NetworkFaultTest, PausedClient_GoesOn) {
  Client upload = StartHalfUpload("upload", 2'000'000);
  upload.child().Signal(SIGSTOP);
  network().SetSilent(false);
  HeldStore held = HoldStore("wait");
  Client watch = Start({"wait", held.token, "-v", "--watch"});
  Client poll = Start({"wait", held.token, "-v"});
  for (const Client* client : {&watch, &poll}) {
    EXPECT_NE(client->child().WaitForLine("running"), "");
    client->child().Signal(SIGSTOP);
  }
  held.lock.reset();
  EXPECT_TRUE(Await([&] { return !Status(held.token).in_progress(); }));
  absl::SleepFor(absl::Seconds(1));
  for (const Client* client : {&upload, &watch, &poll}) client->child().Signal(SIGCONT);
  ExpectEnd(watch, 0, kLimit);
  ExpectEnd(poll, 0, kLimit);
  ExpectEnd(upload, 0, kLimit);
  ExpectStoredOnce("upload", kFiles);
}

TEST_F(NetworkFaultTest, Interrupted_BeforeTheToken_StoresNothing_AndWhatCameExpires) {
  StopServer();
  StartServer({"--upload-expiry", "3s"});
  const std::string reports = LargeReports("r");
  network().SilenceAfter(kToServer, 3'000'000);
  Client client = Start({"upload", reports, "--name", "r", "--upload-id", "upload-id-1"});
  EXPECT_TRUE(Await([this] { return network().counts().silenced == 1; }));
  client.child().Signal(SIGINT);
  ExpectEnd(client, 130, absl::Seconds(5));
  EXPECT_THAT(client.child().Output(), HasSubstr("not acknowledged the upload yet"));
  EXPECT_THAT(client.child().Output(), HasSubstr("--upload-id upload-id-1"));
  network().SetSilent(false);
  EXPECT_TRUE(Await([&] { return ArrivedIn(Log(), "r").calls == 1; })) << Log();
  EXPECT_EQ(ArrivedIn(Log(), "r").accepted, 0);
  EXPECT_EQ(Spooled(".part"), std::vector<std::string>{"upload-id-1.part"});
  // Other content under this id is not what came.
  ExpectUpload({WriteReports("other", 1, 10), "--name", "other", "--upload-id", "upload-id-1"},
               kLimit);
  ExpectStoredOnce("other", 1);
  EXPECT_TRUE(Await([this] { return Spooled("").empty(); }));
  EXPECT_EQ(Storectl({"-q", "stores", "--run", "r"}).out.find("upload-id"), std::string::npos);
}

TEST_F(NetworkFaultTest, Interrupted_AfterTheToken_SaysHowToWait_AndTheStoreGoesOn) {
  auto held = std::make_unique<HeldLock>(data() + "/products/default.db");
  Client client = Start({"upload", WriteReports("r", 1, 10), "--name", "r"});
  EXPECT_NE(client.child().WaitForLine("running"), "");
  client.child().Signal(SIGINT);
  ExpectEnd(client, 130, absl::Seconds(5));
  const std::string said = client.child().Output();
  const size_t at = said.find("storectl wait ");
  ASSERT_NE(at, std::string::npos) << said;
  const std::string token = said.substr(at + 14, 32);
  EXPECT_THAT(said, HasSubstr(fmt::format("wait {} --server {}", token, network().address())));
  held.reset();
  EXPECT_EQ(Storectl({"wait", token}).exit_code, 0);
  ExpectStoredOnce("r", 1);
}

}  // namespace
}  // namespace stored::tests
