#include "engine/work/progress_observer.h"

#include <gtest/gtest.h>

#include <memory>

#include "engine/testing/manual_clock.h"
#include "storage/session_queue.h"

namespace stored::engine {
namespace {

using storage::StorePhase;

class ProgressObserverTest : public testing::Test {
 protected:
  ProgressObserverTest() {
    session_.token = "token";
    session_.state = storage::StoreState::kRunning;
    session_.revision = 1;
    hub_.Publish(session_);
  }

  std::shared_ptr<const LiveStatus> Status() const { return hub_.Find("token"); }

  storage::StoreSession session_;
  StatusHub hub_;
  StopSignal stop_;
  ManualClock clock_;
  ProgressObserver observer_{"token", hub_, stop_, clock_};
};

TEST_F(ProgressObserverTest, Progress_IsPublishedWithItsTime) {
  observer_.Progress(StorePhase::kComparing, 3, 10);
  EXPECT_EQ(Status()->progress.phase, StorePhase::kComparing);
  EXPECT_EQ(Status()->progress.done, 3);
  EXPECT_EQ(Status()->progress.total, 10);
  EXPECT_EQ(Status()->progress.heartbeat_at, clock_.Now());
}

TEST_F(ProgressObserverTest, SamePhase_IsPublishedOncePerInterval) {
  observer_.Progress(StorePhase::kApplying, 1, 10);
  clock_.Advance(ProgressObserver::kInterval - absl::Nanoseconds(1));
  observer_.Progress(StorePhase::kApplying, 2, 10);
  EXPECT_EQ(Status()->progress.done, 1);
  clock_.Advance(absl::Nanoseconds(1));
  observer_.Progress(StorePhase::kApplying, 3, 10);
  EXPECT_EQ(Status()->progress.done, 3);
}

TEST_F(ProgressObserverTest, NewPhase_IsPublishedAtOnce) {
  observer_.Progress(StorePhase::kComparing, 10, 10);
  observer_.Progress(StorePhase::kApplying, 0, 10);
  EXPECT_EQ(Status()->progress.phase, StorePhase::kApplying);
}

TEST_F(ProgressObserverTest, OtherPhases_AreIgnoredUntilTheInputIsParsed) {
  observer_.Progress(StorePhase::kParsing, 1, 2);
  observer_.Progress(StorePhase::kComparing, 5, 0);
  EXPECT_EQ(Status()->progress.phase, StorePhase::kParsing);
  observer_.Progress(StorePhase::kParsing, 2, 2);
  observer_.Progress(StorePhase::kComparing, 6, 0);
  EXPECT_EQ(Status()->progress.phase, StorePhase::kComparing);
  EXPECT_EQ(Status()->progress.done, 6);
}

TEST_F(ProgressObserverTest, Cancelled_WhenAClientAsks) {
  EXPECT_FALSE(observer_.Cancelled());
  session_.revision += storage::SessionQueue::kRevisionStep;
  session_.cancel_requested = true;
  hub_.Publish(session_);
  EXPECT_TRUE(observer_.Cancelled());
}

TEST_F(ProgressObserverTest, Cancelled_WhenTheServerStops) {
  stop_.Raise();
  EXPECT_TRUE(observer_.Cancelled());
  EXPECT_TRUE(stop_.WaitFor(absl::Hours(1)));
}

}  // namespace
}  // namespace stored::engine
