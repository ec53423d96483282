// Servers that die, stop and pause under storectl, and a storectl that is paused or interrupted:
// uploads end with one token and are stored once, and waits end with the right outcome.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "tests/network/proxied_test.h"

namespace stored::tests {
namespace {

using ::testing::HasSubstr;

// A limit for every operation here; usually each takes a fraction of it.
constexpr absl::Duration kLimit = kTestPatience;
// A limit for an interrupted storectl, which should end at once: shorter than any other wait of
// storectl, and long enough for a busy machine.
constexpr absl::Duration kInterruptLimit = absl::Seconds(20);

// How often certain events have happened so far.
struct Counts {
  int silenced = 0;
  int uploads = 0;
};

class ProcessFaultTest : public ProxiedTest {
 protected:
  void SetUp() override {
    ProxiedTest::SetUp();
    StartServer();
  }
};

TEST_F(ProcessFaultTest, Upload_ServerKilledInTheMiddle_ContinuesWithTheNext) {
  Client client = StartHalfUpload("r", 3'000'000);
  server().Stop(SIGKILL);
  network().CutAll();
  RestartServer();
  network().SetSilent(false);
  ExpectEnd(client, 0, kLimit);
  const Arrived arrived = ArrivedIn(Log(), "r");
  // The server that died had received two chunks but could not acknowledge them.
  EXPECT_LT(arrived.bytes, ExpectStoredOnce("r", kLargeReports).payload_size()) << Log();
}

TEST_F(ProcessFaultTest, Wait_ServerKilled_GetsTheOutcomeFromTheNext) {
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

TEST_F(ProcessFaultTest, Servers_ThatStopCleanly_AreWaitedFor) {
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    const std::string run = fmt::format("r{}", i);
    const std::string reports = LargeReports(run);
    clients.push_back(Start({"upload", reports, "--name", run}));
  }
  EXPECT_TRUE(Await([this] { return network().counts().to_server > 2'000'000; }));
  StopServer();
  StartServer();
  for (Client& client : clients) ExpectEnd(client, 0, kLimit);
  for (int i = 0; i < 4; ++i) ExpectStoredOnce(fmt::format("r{}", i), kLargeReports);
}

TEST_F(ProcessFaultTest, PausedServer_IsWaitedFor) {
  Client upload = StartHalfUpload("upload", 2'000'000);
  server().Signal(SIGSTOP);
  network().SetSilent(false);
  absl::SleepFor(absl::Seconds(2));
  server().Signal(SIGCONT);
  ExpectEnd(upload, 0, kLimit);
  ExpectStoredOnce("upload", kLargeReports);

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

TEST_F(ProcessFaultTest, PausedClient_Continues) {
  Client upload = StartHalfUpload("upload", 2'000'000);
  upload.child().Signal(SIGSTOP);
  network().SetSilent(false);
  HeldStore held = HoldStoreLong("wait");
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
  ExpectStoredOnce("upload", kLargeReports);
}

TEST_F(ProcessFaultTest, Interrupted_BeforeTheToken_StoresNothing_AndItsBytesExpire) {
  const std::string reports = LargeReports("r");
  const auto interrupt = [&](const std::string& upload_id) {
    const Counts before = {network().counts().silenced, ArrivedIn(Log(), "r").calls};
    network().SilenceAfter(FaultProxy::kToServer, 3'000'000);
    Client client = Start({"upload", reports, "--name", "r", "--upload-id", upload_id});
    EXPECT_TRUE(Await([&] { return network().counts().silenced > before.silenced; }));
    client.child().Signal(SIGINT);
    ExpectEnd(client, 130, kInterruptLimit);
    EXPECT_THAT(client.child().Output(), HasSubstr("not acknowledged the upload yet"));
    EXPECT_THAT(client.child().Output(), HasSubstr("--upload-id " + upload_id));
    network().SetSilent(false);
    EXPECT_TRUE(Await([&] { return ArrivedIn(Log(), "r").calls > before.uploads; })) << Log();
    EXPECT_EQ(ArrivedIn(Log(), "r").accepted, 0);
    EXPECT_EQ(Spooled(".part"), std::vector<std::string>{upload_id + ".part"});
  };
  interrupt("upload-id-1");
  // Different content under this id does not resume the earlier upload.
  ExpectUpload({WriteReports("other", 1, 10), "--name", "other", "--upload-id", "upload-id-1"},
               kLimit);
  ExpectStoredOnce("other", 1);
  EXPECT_TRUE(Await([this] { return Spooled("").empty(); }));
  interrupt("upload-id-2");
  StopServer();
  StartServer({"--upload-expiry", "1s", "--gc-interval", "1s"});
  EXPECT_TRUE(Await([this] { return Spooled("").empty(); }));
  EXPECT_EQ(Storectl({"-q", "-o", "json", "stores", "--run", "r"}).out.find("token"),
            std::string::npos);
}

TEST_F(ProcessFaultTest, Interrupted_AfterTheToken_SaysHowToWait_AndTheStoreContinues) {
  auto held = std::make_unique<HeldLock>(data() + "/products/default.db");
  Client client = Start({"upload", WriteReports("r", 1, 10), "--name", "r"});
  EXPECT_NE(client.child().WaitForLine("running"), "");
  client.child().Signal(SIGINT);
  ExpectEnd(client, 130, kInterruptLimit);
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
