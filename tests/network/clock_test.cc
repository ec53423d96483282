// Wall clocks that are wrong, in another time zone, or set while programs run. The programs run
// under libfaketime (Debian's package faketime), which shows them any wall time that the test wants
// and leaves the monotonic clock alone.
//
// gRPC's own timers sleep until a time of the real wall clock. With a false clock they fire an hour
// late or all the time; with a real clock that is set, the same happens once. Waits that must end
// in time must not depend on these timers.
#include "absl/time/clock.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "stored/v1/product_service.pb.h"
#include "tests/network/proxied_test.h"

namespace stored::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLimit = kTestPatience;
constexpr int kHour = 3600;

// Returns an empty string if the library is not installed.
std::string FakeTimeLibrary() {
  for (const char* directory :
       {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"}) {
    std::string path = fmt::format("{}/faketime/libfaketimeMT.so.1", directory);
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

class ClockTest : public ProxiedTest {
 protected:
  void SetUp() override {
    library_ = FakeTimeLibrary();
    if (library_.empty())
      GTEST_SKIP() << "skipped: libfaketime is not installed (apt-get install faketime)";
    ProxiedTest::SetUp();
  }

  // Returns the environment that makes a program use the wall clock of this name.
  std::map<std::string, std::string> WallClock(const std::string& name, const std::string& zone) {
    SetClock(name, 0);
    return {{"LD_PRELOAD", library_},   {"FAKETIME_TIMESTAMP_FILE", Path(name)},
            {"FAKETIME_NO_CACHE", "1"}, {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
            {"NO_FAKE_STAT", "1"},      {"TZ", zone}};
  }

  // Sets the clock to this many seconds off the right time.
  void SetClock(const std::string& name, int seconds) const {
    // Writes another file and renames it, so that no program reads half of it.
    WriteFile(name + ".new", fmt::format("{:+}\n", seconds));
    std::filesystem::rename(Path(name + ".new"), Path(name));
  }

  // Sets the server's clock and waits until the server uses it: absl::Now asks the system's clock
  // every two seconds and counts the processor's cycles in between.
  void SetServersClock(int seconds) {
    SetClock("server-clock", seconds);
    EXPECT_TRUE(Await([&] {
      const Ended made =
          Storectl({"products", "add", fmt::format("p{}", ++products_), "-o", "json"});
      v1::Product product;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(made.out, &product).ok())
          << made.out << made.err;
      return IsNow(product.created_at(), seconds);
    }));
  }

  // Returns true if the timestamp is the present time of a clock that is this many seconds off.
  static bool IsNow(const google::protobuf::Timestamp& timestamp, int seconds) {
    const absl::Time told = absl::FromUnixSeconds(timestamp.seconds() - seconds);
    return absl::AbsDuration(absl::Now() - told) < absl::Minutes(2);
  }

  std::string UploadInto(const std::string& run, const std::string& reports) {
    const Ended ended = Storectl({"upload", reports, "--name", run, "--no-block", "-q"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended.out.substr(0, ended.out.find('\n'));
  }

  std::string library_;
  int products_ = 0;
};

// Returns the longest "in DURATION" in the log's lines about stores; a negative one counts as
// infinite.
absl::Duration LongestStore(const std::string& log) {
  absl::Duration longest;
  const std::regex ended(R"( ended [A-Z]+ in (\S+):)");
  for (std::sregex_iterator it(log.begin(), log.end(), ended), end; it != end; ++it) {
    absl::Duration took;
    EXPECT_TRUE(absl::ParseDuration((*it)[1].str(), &took)) << (*it)[0];
    longest = std::max(longest, took < absl::ZeroDuration() ? absl::InfiniteDuration() : took);
  }
  return longest;
}

TEST_F(ClockTest, ServersClock_SetInTheMiddle_WaitsEndInTime_AndOrderIsThatOfAcceptance) {
  server_environment_ = WallClock("server-clock", "Pacific/Auckland");
  SetClock("server-clock", kHour);
  StartServer({"--workers", "1"});
  // Three stores into one run wait for one another; each is accepted "before" the previous one.
  HeldStore first = HoldStore("r");
  SetServersClock(0);
  const std::string second = UploadInto("r", WriteReports("second", 2, 10));
  SetClock("server-clock", -kHour);
  const std::string third = UploadInto("r", WriteReports("third", 3, 10));
  // If a database is locked for too long, the store is put off.
  EXPECT_TRUE(Await([&] { return Status(first.token).state() == v1::STORE_STATE_RUNNING; }));
  // The first store is done soon, but its worker cannot record that.
  auto queue_lock = std::make_unique<HeldLock>(data() + "/meta.db");
  first.lock.reset();
  std::vector<Client> clients;
  for (const std::string& token : {first.token, second, third}) {
    clients.push_back(Start({"wait", token, "--timeout", "2m", "-v"}));
    clients.push_back(Start({"wait", token, "--timeout", "2m", "-v", "--watch"}));
  }
  for (const Client& client : clients) {
    EXPECT_TRUE(Await([&] { return !client.child().Output().empty(); }));
  }
  // The clock has been set back two hours since the start; the estimate for a small store must not
  // grow because of that.
  const v1::StoreStatus running = Status(first.token);
  EXPECT_EQ(running.state(), v1::STORE_STATE_RUNNING);
  EXPECT_LT(running.poll_after().seconds(), 5) << running.ShortDebugString();
  SetClock("server-clock", kHour);
  EXPECT_EQ(Status(third).queue_position(), 2);
  SetClock("server-clock", -kHour);
  queue_lock.reset();
  for (Client& client : clients) ExpectEnd(client, 0, kLimit);

  EXPECT_EQ(Status(first.token).result().new_reports(), 1);
  EXPECT_EQ(Status(second).result().resolved_reports(), 1);
  EXPECT_EQ(Status(second).result().new_reports(), 2);
  EXPECT_EQ(Status(third).result().resolved_reports(), 2);
  EXPECT_EQ(Status(third).result().new_reports(), 3);
  EXPECT_LT(LongestStore(server().Output()), absl::Minutes(1)) << server().Output();
  EXPECT_THAT(server().Output(), Not(HasSubstr("in -")));
  // Timestamps follow the server's clock, in UTC whatever its zone.
  SetServersClock(-kHour);
  const v1::StoreStatus last = Status(UploadInto("s", WriteReports("last", 1, 10)));
  EXPECT_TRUE(IsNow(last.enqueued_at(), -kHour)) << last.ShortDebugString();
  SetClock("server-clock", 0);
  StopServer();
}

TEST_F(ClockTest, ServersClock_SetDuringAnUpload_StoredOnce) {
  server_environment_ = WallClock("server-clock", "America/New_York");
  StartServer();
  for (const int step : {kHour, -kHour, 48 * kHour}) {
    const std::string run = fmt::format("r{:+}", step);
    const std::string reports = WriteReports(run, 6, size_t{480} << 10);
    SetClock("server-clock", 0);
    const int silenced = network().counts().silenced;
    network().SilenceAfter(FaultProxy::kToServer, 1'500'000);
    Client client = Start({"upload", reports, "--name", run});
    EXPECT_TRUE(Await([&] { return network().counts().silenced > silenced; }));
    SetClock("server-clock", step);
    network().SetSilent(false);
    ExpectEnd(client, 0, kLimit);
    ExpectStoredOnce(run, 6);
  }
  SetClock("server-clock", 0);
  StopServer();
}

TEST_F(ClockTest, ClientsClock_SetInTheMiddle_WaitsEndInTime) {
  StartServer();
  client_environment_ = WallClock("client-clock", "Asia/Kolkata");
  for (const int step : {kHour, -kHour}) {
    const std::string run = fmt::format("r{:+}", step);
    SetClock("client-clock", 0);
    HeldStore held = HoldStoreLong(run);
    std::vector<Client> clients;
    clients.push_back(Start({"wait", held.token, "--timeout", "2m", "-v"}));
    clients.push_back(Start({"wait", held.token, "--timeout", "2m", "-v", "--watch"}));
    for (const Client& client : clients) EXPECT_NE(client.child().WaitForLine("running"), "");
    SetClock("client-clock", step);
    // If the waits had ended too early, the programs would have exited by now.
    absl::SleepFor(absl::Milliseconds(500));
    for (Client& client : clients) EXPECT_TRUE(client.child().Running());
    held.lock.reset();
    for (Client& client : clients) ExpectEnd(client, 0, kLimit);
    ExpectStoredOnce(run, 1);
  }
}

TEST_F(ClockTest, ClientsClock_SetDuringSilence_CallsEndInTime) {
  StartServer();
  const std::string token = UploadOne("r");
  network().SetSilent(true);
  client_environment_ = WallClock("client-clock", "Asia/Kolkata");
  for (const int step : {kHour, -kHour}) {
    SetClock("client-clock", 0);
    const int before = network().counts().connections;
    std::vector<Client> clients;
    clients.push_back(Start({"wait", token, "--timeout", "3s"}));
    clients.push_back(Start({"wait", token, "--timeout", "3s", "--watch"}));
    // Waits until both clients wait for a response.
    EXPECT_TRUE(Await([&] { return network().counts().connections == before + 2; }));
    absl::SleepFor(absl::Milliseconds(300));
    SetClock("client-clock", step);
    for (Client& client : clients) {
      // Neither when the clock says so, an hour later, nor when keepalive would notice.
      ExpectEnd(client, 4, absl::Seconds(20));
      EXPECT_GT(absl::Now() - client.started, absl::Seconds(3)) << "too early";
    }
  }
}

}  // namespace
}  // namespace stored::tests
