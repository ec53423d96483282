// The queue as clients see it: full, cancelled, stopped in the middle, and in order.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "marshalling/time_marshalling.h"
#include "tests/harness/held_lock.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

using marshalling::FromProto;

// A number of results that takes a worker about a second.
constexpr int kManyResults = 100'000;
// The goal is a second; the limit is higher so that the test does not fail on a busy machine.
constexpr absl::Duration kCancelLimit = absl::Seconds(5);

class QueueTest : public ServedTest {
 protected:
  // Keeps all stores into the product from ending while the lock lives, so that their speed does
  // not matter.
  std::unique_ptr<HeldLock> HoldStores() {
    return std::make_unique<HeldLock>(data() + "/products/default.db");
  }

  // Polls until the store is RUNNING and in `phase`. Returns false if that does not happen.
  bool AwaitPhase(const std::string& token, v1::StorePhase phase) {
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (absl::Now() < deadline) {
      const v1::StoreStatus status = Status(token);
      if (status.state() == v1::STORE_STATE_RUNNING && status.phase() == phase) return true;
      if (!status.in_progress()) return false;
    }
    return false;
  }
};

TEST_F(QueueTest, FullQueue_ClientsRetry_AndAllAreStored) {
  StartServer({"--max-queue", "1", "--workers", "1"});
  const std::string large = WriteFile("large.sarif", LargeSarif(kManyResults));
  const std::string small = WriteFile("small.sarif", SmallSarif("a.c"));
  std::unique_ptr<HeldLock> held = HoldStores();
  UploadNoBlock(large, "large");
  std::vector<std::thread> clients;
  std::vector<Ended> ends(5);
  for (size_t i = 0; i < ends.size(); ++i) {
    clients.emplace_back([&, i] {
      ends[i] = Storectl({"upload", small, "--name", fmt::format("small {}", i)});
    });
  }
  server().WaitForLine("the queue is full");
  held.reset();
  for (std::thread& client : clients) client.join();
  for (const Ended& ended : ends) EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(server().Output().find("the queue is full"), std::string::npos)
      << "no client had to retry, so the test shows nothing";
}

TEST_F(QueueTest, CancelQueued_IsCancelledAtOnce) {
  StartServer({"--workers", "1"});
  const std::string large = WriteFile("large.sarif", LargeSarif(kManyResults));
  std::unique_ptr<HeldLock> held = HoldStores();
  const std::string running = UploadNoBlock(large, "large");
  const std::string queued = UploadNoBlock(WriteFile("small.sarif", SmallSarif("a.c")), "small");
  ASSERT_EQ(Status(queued).state(), v1::STORE_STATE_ENQUEUED);
  EXPECT_EQ(Storectl({"cancel", queued}).exit_code, 0);
  EXPECT_EQ(Status(queued).state(), v1::STORE_STATE_CANCELLED);
  held.reset();
  EXPECT_EQ(Wait(running).state(), v1::STORE_STATE_COMPLETED);
  EXPECT_TRUE(SpoolIsEmpty());
}

class CancelRunningTest : public QueueTest, public testing::WithParamInterface<v1::StorePhase> {};

TEST_P(CancelRunningTest, WithinASecond_AndNothingIsLeft) {
  StartServer();
  const std::string log = WriteFile("log.sarif", LargeSarif(kManyResults));
  const v1::StoreStatus first = Wait(UploadNoBlock(log, "run"));
  ASSERT_EQ(first.state(), v1::STORE_STATE_COMPLETED);
  const std::vector<std::string> before = Rows("run", {"--file", "src/1.c"});
  // Stores into the same run, so that there is something to compare with, but other results, so
  // that there are changes to apply.
  const std::string other = WriteFile("other.sarif", LargeSarif(3 * kManyResults, "another"));
  const std::string token = UploadNoBlock(other, "run");
  ASSERT_TRUE(AwaitPhase(token, GetParam())) << Status(token).ShortDebugString();
  const absl::Time asked = absl::Now();
  EXPECT_EQ(Storectl({"cancel", token}).exit_code, 0);
  const v1::StoreStatus end = Wait(token);
  const absl::Duration took = absl::Now() - asked;
  ASSERT_EQ(end.state(), v1::STORE_STATE_CANCELLED) << end.ShortDebugString();
  fmt::print("cancelled in {} ms, two client processes included\n",
             absl::ToInt64Milliseconds(took));
  // A busy machine is slow with the first store as well; the second has three times its results.
  EXPECT_LT(took,
            std::max(kCancelLimit, FromProto(first.finished_at()) - FromProto(first.started_at())));
  EXPECT_TRUE(Rows("run", {"--file", "src/1.c"}) == before)
      << "part of the cancelled store is left";
  EXPECT_TRUE(SpoolIsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Phases, CancelRunningTest,
                         testing::Values(v1::STORE_PHASE_COMPARING, v1::STORE_PHASE_APPLYING),
                         [](const testing::TestParamInfo<v1::StorePhase>& phase) {
                           return v1::StorePhase_Name(phase.param);
                         });

// Stores into one product that wait for each other do not delay stores into another product.
class TwoProductsTest : public QueueTest {
 protected:
  // A store that does not have to wait takes some milliseconds from its acceptance to its end.
  static constexpr absl::Duration kLimit = absl::Seconds(1);

  void SetUp() override {
    QueueTest::SetUp();
    small_ = WriteFile("small.sarif", SmallSarif("a.c"));
  }

  void AwaitRunning(const std::vector<std::string>& tokens) {
    const absl::Time deadline = absl::Now() + kTestPatience;
    for (const std::string& token : tokens) {
      while (Status(token).state() != v1::STORE_STATE_RUNNING) {
        ASSERT_TRUE(Status(token).in_progress()) << Status(token).ShortDebugString();
        ASSERT_LT(absl::Now(), deadline);
      }
    }
  }

  // Stores one report into "other" and expects it to end in time, before any of `tokens`.
  void ExpectSmallStoreEndsFirst(const std::vector<std::string>& tokens) {
    const std::string token = UploadNoBlock(small_, "small", {"--product", "other"});
    const v1::StoreStatus end = Wait(token);
    EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.ShortDebugString();
    const absl::Duration took = FromProto(end.finished_at()) - FromProto(end.enqueued_at());
    fmt::print("the other product's store took {} ms\n", absl::ToInt64Milliseconds(took));
    EXPECT_LT(took, kLimit);
    for (const std::string& other : tokens) EXPECT_TRUE(Status(other).in_progress());
  }

  std::string small_;
};

TEST_F(TwoProductsTest, StoresThatWaitToWrite_DoNotHoldUpAnotherProduct) {
  StartServer();
  ASSERT_EQ(Storectl({"products", "add", "other"}).exit_code, 0);
  // The first store waits for the lock, the second for the first, and as many more for a worker.
  std::unique_ptr<HeldLock> held = HoldStores();
  std::vector<std::string> stuck;
  for (int i = 0; i < 4; ++i) stuck.push_back(UploadNoBlock(small_, fmt::format("run {}", i)));
  AwaitRunning({stuck[0], stuck[1]});
  ExpectSmallStoreEndsFirst(stuck);
  held.reset();
  for (const std::string& token : stuck) {
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  }
}

TEST_F(TwoProductsTest, LargeStores_DoNotHoldUpAnotherProduct) {
  StartServer();
  ASSERT_EQ(Storectl({"products", "add", "other"}).exit_code, 0);
  const std::string log = WriteFile("large.sarif", LargeSarif(4 * kManyResults));
  std::vector<std::string> large;
  for (int i = 0; i < 2; ++i) large.push_back(UploadNoBlock(log, fmt::format("large {}", i)));
  ExpectSmallStoreEndsFirst({large[1]});
  for (const std::string& token : large) {
    EXPECT_EQ(Wait(token).state(), v1::STORE_STATE_COMPLETED);
  }
}

// When a large store has ended, its worker runs a checkpoint, which waits while the next store
// writes.
TEST_F(TwoProductsTest, LargeStoresInARow_DoNotHoldUpAnotherProduct) {
  StartServer();
  ASSERT_EQ(Storectl({"products", "add", "other"}).exit_code, 0);
  const std::string log = WriteFile("large.sarif", LargeSarif(2 * kManyResults));
  std::vector<std::string> large;
  for (int i = 0; i < 5; ++i) large.push_back(UploadNoBlock(log, fmt::format("large {}", i)));
  absl::Duration longest;
  int stores = 0;
  while (Status(large.back()).in_progress()) {
    const v1::StoreStatus end = Wait(UploadNoBlock(small_, "small", {"--product", "other"}));
    ASSERT_EQ(end.state(), v1::STORE_STATE_COMPLETED) << end.ShortDebugString();
    longest = std::max(longest, FromProto(end.started_at()) - FromProto(end.enqueued_at()));
    ++stores;
  }
  fmt::print("of {} stores into the other product the one that waited longest did for {} ms\n",
             stores, absl::ToInt64Milliseconds(longest));
  EXPECT_LT(longest, kLimit);
}

TEST_F(QueueTest, StoresIntoOneRun_AreStoredInTheOrderOfTheirTokens) {
  StartServer({"--workers", "4"});
  std::vector<std::string> tokens;
  for (int i = 0; i < 12; ++i) {
    const std::string log = WriteFile("log.sarif", SmallSarif("a.c", fmt::format("message {}", i)));
    tokens.push_back(UploadNoBlock(log, "run"));
  }
  absl::Time before = absl::InfinitePast();
  for (const std::string& token : tokens) {
    const v1::StoreStatus end = Wait(token);
    // Each store found its own report new and its predecessor's report gone.
    EXPECT_EQ(end.result().new_reports(), 1);
    EXPECT_EQ(end.result().resolved_reports(), token == tokens.front() ? 0 : 1);
    const absl::Time started = FromProto(end.started_at());
    EXPECT_GE(started, before);
    before = started;
  }
  const std::vector<v1::Report> reports = Reports("run");
  const auto open = std::find_if(reports.begin(), reports.end(), [](const v1::Report& report) {
    return report.detection_status() == v1::DETECTION_STATUS_NEW;
  });
  ASSERT_NE(open, reports.end());
  EXPECT_EQ(open->message(), "message 11");
}

TEST_F(QueueTest, Sigterm_RunningStoreReturnsToTheQueue_AndCompletesAfterTheRestart) {
  StartServer({"--drain-timeout", "0s"});
  const std::string log = WriteFile("log.sarif", LargeSarif(kManyResults));
  const std::string token = UploadNoBlock(log, "run");
  ASSERT_TRUE(AwaitPhase(token, v1::STORE_PHASE_APPLYING));
  Ended watched;
  std::thread watcher([&] { watched = Storectl({"wait", token, "--watch"}); });
  const absl::Time asked = absl::Now();
  StopServer();
  EXPECT_LT(absl::Now() - asked, absl::Seconds(5));
  StartServer();
  watcher.join();
  EXPECT_EQ(watched.exit_code, 0) << watched.err;
  const v1::StoreStatus end = Status(token);
  EXPECT_EQ(end.state(), v1::STORE_STATE_COMPLETED);
  EXPECT_EQ(end.result().new_reports(), kManyResults);
  // An attempt that the server's stop interrupted does not count.
  EXPECT_EQ(end.attempts(), 1);
}

TEST_F(QueueTest, Sigterm_RunningStoreIsFinishedWithinTheDrainTimeout) {
  StartServer({"--drain-timeout", "30s"});
  const std::string log = WriteFile("log.sarif", LargeSarif(kManyResults));
  const std::string token = UploadNoBlock(log, "run");
  ASSERT_TRUE(AwaitPhase(token, v1::STORE_PHASE_APPLYING));
  StopServer();
  EXPECT_TRUE(SpoolIsEmpty());
  StartServer();
  EXPECT_EQ(Status(token).state(), v1::STORE_STATE_COMPLETED);
}

}  // namespace
}  // namespace stored::tests
