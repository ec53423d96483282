#include "engine/status/status_hub.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "storage/session_queue.h"

namespace stored::engine {
namespace {

using storage::SessionQueue;
using storage::StorePhase;
using storage::StoreSession;
using storage::StoreState;

// Returns a session as the queue has it after so many kept changes.
StoreSession Session(const std::string& token, int64_t sequence, StoreState state, int changes) {
  StoreSession session;
  session.token = token;
  session.sequence = sequence;
  session.state = state;
  session.revision = changes * SessionQueue::kRevisionStep;
  session.payload.size = 1000;
  return session;
}

class RecordingWatcher final : public StatusWatcher {
 public:
  void OnStatus(const std::shared_ptr<const LiveStatus>& status) override {
    seen.push_back(*status);
  }
  void OnClosed() override { closed = true; }

  std::vector<LiveStatus> seen;
  bool closed = false;
};

TEST(StatusHubTest, Watcher_SeesPresentStateThenEveryChange_RevisionsOnlyGrow) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kEnqueued, 1));
  const auto watcher = std::make_shared<RecordingWatcher>();
  ASSERT_TRUE(hub.AddWatcher("a", watcher));
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  hub.PublishProgress("a", StorePhase::kApplying, 10, 100, absl::Now());
  hub.PublishProgress("a", StorePhase::kApplying, 50, 100, absl::Now());
  hub.Publish(Session("a", 1, StoreState::kCompleted, 3));
  ASSERT_EQ(watcher->seen.size(), 5u);
  EXPECT_EQ(watcher->seen[0].session.state, StoreState::kEnqueued);
  EXPECT_EQ(watcher->seen[3].progress.done, 50);
  EXPECT_EQ(watcher->seen[4].session.state, StoreState::kCompleted);
  for (size_t i = 1; i < watcher->seen.size(); ++i) {
    EXPECT_GT(watcher->seen[i].progress.revision, watcher->seen[i - 1].progress.revision);
  }
}

TEST(StatusHubTest, RunningSince_IsKept_IfTheWorkerPublishesSecond) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  EXPECT_FALSE(hub.Find("a")->running_since.has_value());
  hub.Publish(Session("a", 1, StoreState::kRunning, 2), absl::Seconds(5));
  EXPECT_EQ(hub.Find("a")->running_since, absl::Seconds(5));
  hub.PublishProgress("a", StorePhase::kApplying, 10, 100, absl::Now());
  hub.Publish(Session("a", 1, StoreState::kRunning, 3));
  EXPECT_EQ(hub.Find("a")->running_since, absl::Seconds(5));
  hub.Publish(Session("a", 1, StoreState::kEnqueued, 4));
  EXPECT_FALSE(hub.Find("a")->running_since.has_value());
}

TEST(StatusHubTest, FinalStore_IsForgotten) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kRunning, 1));
  hub.Publish(Session("a", 1, StoreState::kFailed, 2));
  EXPECT_EQ(hub.Find("a"), nullptr);
  EXPECT_FALSE(hub.AddWatcher("a", std::make_shared<RecordingWatcher>()));
  hub.PublishProgress("a", StorePhase::kApplying, 1, 2, absl::Now());
  EXPECT_EQ(hub.Find("a"), nullptr);
}

TEST(StatusHubTest, OlderRevision_IsIgnored) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kEnqueued, 1));
  StoreSession cancelling = Session("a", 1, StoreState::kRunning, 3);
  cancelling.cancel_requested = true;
  hub.Publish(cancelling);
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  EXPECT_TRUE(hub.CancelRequested("a"));
}

TEST(StatusHubTest, OlderStateOfAnEndedStore_DoesNotBringItBack) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  hub.Publish(Session("a", 1, StoreState::kCompleted, 3));
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  EXPECT_EQ(hub.Find("a"), nullptr);
  // The same for a store that ended before any other state of it was published.
  hub.Publish(Session("b", 2, StoreState::kFailed, 2));
  hub.Publish(Session("b", 2, StoreState::kEnqueued, 1));
  EXPECT_EQ(hub.Find("b"), nullptr);
}

TEST(StatusHubTest, RemovedWatcher_SeesNoMore) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kEnqueued, 1));
  const auto watcher = std::make_shared<RecordingWatcher>();
  ASSERT_TRUE(hub.AddWatcher("a", watcher));
  hub.RemoveWatcher("a", watcher);
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  EXPECT_EQ(watcher->seen.size(), 1u);
  EXPECT_EQ(watcher.use_count(), 1);
}

TEST(StatusHubTest, QueuePosition_OtherProductsCountForTheirTurns) {
  StatusHub hub;
  const auto enqueue = [&hub](const std::string& token, int64_t sequence,
                              const std::string& product) {
    StoreSession session = Session(token, sequence, StoreState::kEnqueued, 1);
    session.request.product = product;
    hub.Publish(session);
  };
  for (int i = 1; i <= 5; ++i) enqueue(std::to_string(i), i, "large");
  enqueue("first", 6, "small");
  enqueue("second", 7, "small");
  EXPECT_EQ(hub.Find("first")->progress.stores_ahead, 0);
  EXPECT_EQ(hub.Find("second")->progress.stores_ahead, 2);
  EXPECT_EQ(hub.Find("second")->progress.bytes_ahead, 2000);
  EXPECT_EQ(hub.Find("5")->progress.stores_ahead, 6);
}

TEST(StatusHubTest, QueuePosition_CountsStoresAcceptedBefore) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  hub.Publish(Session("b", 2, StoreState::kEnqueued, 1));
  hub.Publish(Session("c", 3, StoreState::kEnqueued, 1));
  EXPECT_EQ(hub.Find("c")->progress.stores_ahead, 2);
  EXPECT_EQ(hub.Find("c")->progress.bytes_ahead, 2000);
  hub.Publish(Session("a", 1, StoreState::kCompleted, 3));
  EXPECT_EQ(hub.Find("c")->progress.stores_ahead, 1);
}

TEST(StatusHubTest, QueuePosition_RunningStoreOfAnotherRun_IsNotCounted) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kRunning, 2));
  StoreSession waiting = Session("b", 2, StoreState::kEnqueued, 1);
  waiting.request.run_name = "another";
  hub.Publish(waiting);
  EXPECT_EQ(hub.Find("b")->progress.stores_ahead, 0);
}

TEST(StatusHubTest, Close_TellsWatchers_AndThoseThatAreAddedLater) {
  StatusHub hub;
  hub.Publish(Session("a", 1, StoreState::kEnqueued, 1));
  const auto early = std::make_shared<RecordingWatcher>();
  const auto late = std::make_shared<RecordingWatcher>();
  hub.AddWatcher("a", early);
  hub.Close();
  hub.AddWatcher("a", late);
  EXPECT_TRUE(early->closed);
  EXPECT_TRUE(late->closed);
  EXPECT_EQ(early.use_count(), 1);
}

}  // namespace
}  // namespace stored::engine
