// Promises 1 and 2 (docs/architecture.md) under kill -9: whenever the server dies, acknowledged
// uploads are stored, once and in order, and every client learns their ends.
//
//   crash_test [--seconds N | --minutes N] [--kills N] [--seed N]
//
// Without arguments it kills for a few seconds. For a soak test pass minutes or a number of kills.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "tests/crash/crash_client.h"
#include "tests/crash/ledger_check.h"
#include "tests/harness/child.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

struct Arguments {
  absl::Duration time = absl::Seconds(20);
  // 0 means as many as fit into the time.
  int kills = 0;
  uint32_t seed = 0;
};

Arguments& GetArguments() {
  static Arguments arguments;
  return arguments;
}

class CrashTest : public ServedTest {
 protected:
  void Start(const std::string& program, const std::map<std::string, std::string>& environment) {
    std::filesystem::remove(Path("server.log"));
    server_ = std::make_unique<Child>(
        std::vector<std::string>{BinaryPath(program), "--data", data(), "--listen", address()},
        Path("server.log"), environment);
  }

  // Returns false if the server died before it listened.
  bool AwaitListening() {
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (absl::Now() < deadline) {
      if (server().Output().find("listening on") != std::string::npos) return true;
      if (!server().Running()) return false;
      absl::SleepFor(absl::Milliseconds(2));
    }
    ADD_FAILURE() << "the server does not start: " << server().Output();
    return false;
  }

  CrashClient::Options ClientOptions(const std::string& run) const {
    CrashClient::Options options;
    options.target = address();
    options.run = run;
    options.product = "default";
    return options;
  }

  void ExpectLedgersHold(const std::vector<const CrashClient*>& clients) {
    for (const std::string& difference : CompareWithLedgers(address(), clients)) {
      ADD_FAILURE() << difference;
    }
    StopServer();
    for (const std::string& wrong : CheckFiles(data())) ADD_FAILURE() << wrong;
  }
};

TEST_F(CrashTest, KilledAtRandomMoments_EveryPromiseHolds) {
  const Arguments& arguments = GetArguments();
  const uint32_t seed = arguments.seed != 0 ? arguments.seed : std::random_device()();
  std::mt19937 random(seed);
  fmt::print("seed {}\n", seed);
  std::vector<std::unique_ptr<CrashClient>> clients;
  for (int i = 0; i < 3; ++i) {
    CrashClient::Options options = ClientOptions(fmt::format("small {}", i));
    options.seed = random();
    clients.push_back(std::make_unique<CrashClient>(options));
  }
  // Makes uploads of several chunks, and ingests that last long enough to be killed in the middle.
  CrashClient::Options large = ClientOptions("large");
  large.window = 2000;
  large.message_bytes = 1200;
  large.pipeline = 2;
  large.seed = random();
  clients.push_back(std::make_unique<CrashClient>(large));

  std::atomic<bool> stopping = false;
  std::atomic<bool> broken = false;
  Mutex mutex;
  std::vector<std::thread> threads;
  threads.reserve(clients.size());
  for (const auto& client : clients) {
    threads.emplace_back([&, raw = client.get()] {
      while (!stopping && !broken) {
        const absl::Status status = raw->StoreSome();
        if (status.ok()) continue;
        const MutexLock lock(mutex);
        ADD_FAILURE() << status;
        broken = true;
      }
    });
  }

  std::uniform_int_distribution<int> milliseconds(0, 400);
  std::bernoulli_distribution before_it_serves(0.1);
  const absl::Time end = absl::Now() + arguments.time;
  int kills = 0;
  int recoveries = 0;
  while (!broken && (arguments.kills > 0 ? kills < arguments.kills : absl::Now() < end)) {
    Start("stored", {});
    if (!before_it_serves(random)) {
      ASSERT_TRUE(AwaitListening()) << server().Output();
    }
    absl::SleepFor(absl::Milliseconds(milliseconds(random)));
    EXPECT_EQ(server().Stop(SIGKILL), 128 + SIGKILL) << server().Output();
    ++kills;
    if (server().Output().find("stores were running when") != std::string::npos) ++recoveries;
  }
  stopping = true;
  Start("stored", {});
  for (std::thread& thread : threads) thread.join();
  int stores = 0;
  int given_up = 0;
  absl::Duration longest_upload;
  absl::Duration longest_wait;
  std::vector<const CrashClient*> ledgers;
  for (const auto& client : clients) {
    longest_upload = std::max(longest_upload, client->longest_upload());
    longest_wait = std::max(longest_wait, client->longest_wait());
    ledgers.push_back(client.get());
    stores += static_cast<int>(client->ledger().size());
    for (const LedgerEntry& entry : client->ledger()) {
      if (entry.end.state() == v1::STORE_STATE_FAILED) ++given_up;
    }
  }
  fmt::print(
      "{} kills, {} stores acknowledged, {} starts found stores that had been running, {} "
      "stores were running in three dead servers; the longest upload took {:.1f} s, the "
      "longest wait {:.1f} s\n",
      kills, stores, recoveries, given_up, absl::ToDoubleSeconds(longest_upload),
      absl::ToDoubleSeconds(longest_wait));
  EXPECT_GT(kills, 0);
  EXPECT_GT(stores, kills / 4);
  ExpectLedgersHold(ledgers);
}

// Crashes the server at each of the places that its code marks with a kill point, one by one.
class KillPointTest : public CrashTest {
 protected:
  static constexpr char kProgram[] = "stored_with_kill_points";
  static constexpr char kMarkConsumed[] = "queue.before_mark_consumed";

  // Has the server do some of everything: stores into one run, a product that is added and removed.
  // Continues after a crash.
  absl::Status RunScenario(CrashClient& client) {
    for (int i = 0; i < 2; ++i) {
      if (absl::Status status = client.StoreSome(); !status.ok()) return status;
    }
    absl::Status created = AskServer(address(), [](client::Connection& server) {
                             v1::CreateProductRequest request;
                             request.set_name("short-lived");
                             return server.CreateProduct(request);
                           }).status();
    if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
    absl::Status removed = AskServer(address(), [](client::Connection& server) {
                             v1::DeleteProductRequest request;
                             request.set_name("short-lived");
                             return server.DeleteProduct(request);
                           }).status();
    return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
  }

  CrashClient::Options ScenarioOptions() const {
    CrashClient::Options options = ClientOptions("run");
    options.pipeline = 1;
    options.cancel_every = 0;
    options.repeat_every = 2;
    options.watch_every = 2;
    return options;
  }

  // Returns how often the scenario passes each point when no server dies.
  std::map<std::string, int> PassedPoints() {
    Start(kProgram, {{"STORED_KILL_LOG", Path("points")}});
    EXPECT_TRUE(AwaitListening());
    CrashClient client(ScenarioOptions());
    EXPECT_EQ(RunScenario(client), absl::OkStatus());
    ExpectLedgersHold({&client});
    std::map<std::string, int> passed;
    std::ifstream log(Path("points"));
    for (std::string name; std::getline(log, name);) ++passed[name];
    std::filesystem::remove_all(data());
    return passed;
  }

  // Runs the scenario on an empty directory, with one crash when the point is passed for the n-th
  // time.
  void DieAt(const std::string& point, int n) {
    Start(kProgram, {{"STORED_KILL_AT", fmt::format("{}:{}", point, n)}});
    CrashClient client(ScenarioOptions());
    absl::Status status;
    std::thread scenario([&] { status = RunScenario(client); });
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (server().Running() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
    EXPECT_EQ(server().Stop(SIGTERM), 128 + SIGKILL) << "the point is not passed so often";
    Start("stored", {});
    scenario.join();
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_TRUE(AwaitListening());
    ExpectLedgersHold({&client});
    for (const LedgerEntry& entry : client.ledger()) {
      EXPECT_EQ(entry.end.state(), v1::STORE_STATE_COMPLETED);
    }
    std::filesystem::remove_all(data());
  }
};

TEST_F(KillPointTest, KilledAtEachPoint_EveryPromiseHolds) {
  const std::map<std::string, int> points = PassedPoints();
  for (const char* name : {"payload.before_sync",        "payload.after_sync",
                           "payload.after_rename",       "payload.after_directory_sync",
                           "meta.db.before_commit",      "meta.db.after_commit",
                           "default.db.before_commit",   "default.db.after_commit",
                           "upload.before_answer",       "executor.after_claim",
                           "executor.after_end",         kMarkConsumed,
                           "spool.before_remove",        "migration.before_commit",
                           "meta.before_rename",         "meta.after_rename",
                           "product.before_create_file", "product.before_directory_sync",
                           "product.before_remove_file", "product.after_remove_file"}) {
    EXPECT_TRUE(points.contains(name)) << name << " is never passed";
  }
  int crashes = 0;
  for (const auto& [point, count] : points) {
    // How often a store is marked as consumed, which is a commit of meta.db, depends on when
    // clients ask: two that ask at the same time may both mark it. The other commits of the
    // scenario are always the same.
    int times = count;
    if (point.starts_with("meta.db")) times -= points.at(kMarkConsumed);
    if (point == kMarkConsumed) times = 1;
    ASSERT_GT(times, 0);
    for (int n = 1; n <= times; ++n) {
      SCOPED_TRACE(fmt::format("{}:{}", point, n));
      DieAt(point, n);
      ++crashes;
      if (HasFailure()) return;
    }
  }
  fmt::print("{} crashes at {} points\n", crashes, points.size());
}

}  // namespace

int Main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    int value = 0;
    if (i + 1 == argc || !absl::SimpleAtoi(argv[++i], &value) || value <= 0) {
      fmt::print(stderr, "{} needs a number\n", name);
      return 2;
    }
    if (name == "--seconds") {
      GetArguments().time = absl::Seconds(value);
    } else if (name == "--minutes") {
      GetArguments().time = absl::Minutes(value);
    } else if (name == "--kills") {
      GetArguments().kills = value;
    } else if (name == "--seed") {
      GetArguments().seed = static_cast<uint32_t>(value);
    } else {
      fmt::print(stderr, "unknown option {}\n", name);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}

}  // namespace stored::tests

int main(int argc, char** argv) { return stored::tests::Main(argc, argv); }
