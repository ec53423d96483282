// The executor on real storage: what a worker does with good, bad, cancelled and recovered stores.
#include "engine/work/executor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "engine/intake/upload_receiver.h"
#include "engine/status/poll_advice.h"
#include "engine/testing/quiet_ingest.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::engine {
namespace {

using storage::PayloadFormat;
using storage::StoreErrorCode;
using storage::StoreSession;
using storage::StoreState;

constexpr char kSarif[] =
    R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"r",)"
    R"("message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":1}}}]}]}]})";

constexpr char kTwoResults[] =
    R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"r",)"
    R"("message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":1}}}]},{"ruleId":"r",)"
    R"("message":{"text":"n"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":2}}}]}]}]})";

class EndWatcher final : public StatusWatcher {
 public:
  void OnStatus(const std::shared_ptr<const LiveStatus>& status) override {
    const std::lock_guard lock(mutex_);
    last_ = status;
    changed_.notify_all();
  }
  void OnClosed() override {}

  // The final state, or nothing after a minute.
  std::shared_ptr<const LiveStatus> Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::minutes(1), [this] {
      return last_ != nullptr && storage::IsFinal(last_->session.state);
    });
    return last_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const LiveStatus> last_;
};

class ExecutorTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "executor-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    Open();
  }

  // As the next server on the directory does. Whoever had it open has closed it.
  void Open() {
    absl::StatusOr<std::unique_ptr<storage::Backend>> store =
        storage::sqlite::OpenSqliteBackend(directory_->path(), absl::Now());
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    spool_ = *storage::Spool::Open(directory_->path() + "/spool");
    registry_ = std::make_unique<UploadRegistry>(*spool_);
    executor_ = std::make_unique<Executor>(*store_, *spool_, hub_, advice_, Clock::System(),
                                           Executor::Options{});
  }

  void Reopen() {
    executor_.reset();
    registry_.reset();
    spool_.reset();
    store_.reset();
    Open();
  }

  // Uploads as a client would; the store is ENQUEUED afterwards.
  StoreSession Accept(const std::string& payload, const std::string& run = "run",
                      PayloadFormat format = PayloadFormat::kSarif,
                      std::optional<absl::Duration> expire_after = std::nullopt) {
    UploadContext context{*store_, *spool_, *registry_, hub_, advice_, Clock::System(), {}};
    UploadReceiver receiver(context);
    UploadReceiver::Header header;
    header.request.product = "default";
    header.request.run_name = run;
    header.request.format = format;
    header.request.expire_after = expire_after;
    EXPECT_TRUE(receiver.OnHeader(header).ok());
    EXPECT_TRUE(receiver.OnChunk(0, payload, {}).ok());
    absl::StatusOr<StoreSession> session =
        receiver.OnTrailer(static_cast<int64_t>(payload.size()), Sha256::Of(payload));
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  StoreSession RunToEnd(const StoreSession& session) {
    const auto watcher = std::make_shared<EndWatcher>();
    EXPECT_TRUE(hub_.AddWatcher(session.token, watcher));
    EXPECT_TRUE(executor_->Start().ok());
    const std::shared_ptr<const LiveStatus> end = watcher->Wait();
    executor_->Stop(absl::Minutes(1));
    return end->session;
  }

  // Commits results for the session's token, without a report, to the product's database alone.
  void IngestNothing(const StoreSession& session) {
    class OneFile final : public reports::ReportStream {
     public:
      std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
        return std::make_unique<reports::DeferredReading>([](reports::ReportSink& sink) {
          const absl::Status added = sink.AddFile({"a.c", ""});
          return added.ok() ? sink.Finish({}) : added;
        });
      }
    } stream;
    ASSERT_TRUE(
        IngestQuietly(*store_, session.token, session.request.run_name, stream, absl::Now()).ok());
  }

  size_t SpooledFiles() const {
    const std::filesystem::directory_iterator files(spool_->directory());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<storage::Backend> store_;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<UploadRegistry> registry_;
  StatusHub hub_;
  PollAdvice advice_;
  std::unique_ptr<Executor> executor_;
};

TEST_F(ExecutorTest, GoodStore_Completes_AndLeavesNothingInTheSpool) {
  const StoreSession accepted = Accept(kSarif);
  EXPECT_EQ(SpooledFiles(), 1u);
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.result->new_reports, 1);
  EXPECT_EQ(end.attempts, 1);
  EXPECT_EQ(SpooledFiles(), 0u);
  EXPECT_EQ(store_->queue().Get(accepted.token)->state, StoreState::kCompleted);
}

TEST_F(ExecutorTest, BadPayload_Fails_WithTheSendersFault) {
  const StoreSession end = RunToEnd(Accept("{\"version\": \"2.1.0\", \"runs\": 7}"));
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kBadInput) << end.error.message;
  EXPECT_EQ(SpooledFiles(), 0u);
}

// Not the server's fault, though it is the storage that refuses.
TEST_F(ExecutorTest, LimitOfTheProduct_Fails_AsThat) {
  storage::ProductSettingsChange change;
  change.max_reports_per_store = 1;
  ASSERT_TRUE(store_->UpdateProduct("default", change).ok());
  const StoreSession end = RunToEnd(Accept(kTwoResults));
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kLimitExceeded) << end.error.message;
  EXPECT_NE(end.error.message.find("--max-reports-per-store"), std::string::npos);
  EXPECT_TRUE((*store_->Results("default"))->ListRuns("", 10, "")->runs.empty());
}

// Both looked like the one run that still fits.
TEST_F(ExecutorTest, TwoNewRunsWhereOneFits_TheSecondFails) {
  storage::ProductSettingsChange change;
  change.max_runs = 1;
  ASSERT_TRUE(store_->UpdateProduct("default", change).ok());
  const StoreSession first = Accept(kSarif, "first");
  const StoreSession second = Accept(kSarif, "second");
  const StoreSession end = RunToEnd(second);
  const StoreSession other = *store_->queue().Get(first.token);
  EXPECT_EQ((end.state == StoreState::kCompleted) + (other.state == StoreState::kCompleted), 1);
  const StoreSession& failed = end.state == StoreState::kFailed ? end : other;
  EXPECT_EQ(failed.error.code, StoreErrorCode::kLimitExceeded) << failed.error.message;
  EXPECT_NE(failed.error.message.find("--max-runs"), std::string::npos);
  EXPECT_EQ((*store_->Results("default"))->ListRuns("", 10, "")->runs.size(), 1U);
}

TEST_F(ExecutorTest, LifetimeOfTheHeader_BecomesTheRuns) {
  const StoreSession accepted = Accept(kSarif, "run", PayloadFormat::kSarif, absl::Hours(5));
  EXPECT_EQ(RunToEnd(accepted).state, StoreState::kCompleted);
  EXPECT_EQ((*store_->Results("default"))->ListRuns("", 10, "")->runs.at(0).expire_after,
            absl::Hours(5));
}

TEST_F(ExecutorTest, PayloadThatIsGone_Fails_WithTheServersFault) {
  const StoreSession accepted = Accept(kSarif);
  ASSERT_TRUE(spool_->Remove(accepted.payload.file).ok());
  EXPECT_EQ(RunToEnd(accepted).error.code, StoreErrorCode::kServer);
}

TEST_F(ExecutorTest, CancelledInTheQueue_IsNeverRun) {
  const StoreSession accepted = Accept(kSarif);
  const StoreSession cancelled = *store_->queue().RequestCancel(accepted.token, absl::Now());
  hub_.Publish(cancelled);
  const StoreSession other = Accept(kSarif, "other run");
  EXPECT_EQ(RunToEnd(other).state, StoreState::kCompleted);
  EXPECT_EQ(store_->queue().Get(accepted.token)->state, StoreState::kCancelled);
  EXPECT_EQ(store_->queue().Get(accepted.token)->attempts, 0);
}

TEST_F(ExecutorTest, CancelRequestedWhileRunning_LeavesNothingBehind) {
  const StoreSession accepted = Accept(kSarif);
  // As when the request comes right after the claim: the worker finds it before its first look.
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(hub_.AddWatcher(accepted.token, watcher));
  StoreSession asked = accepted;
  asked.revision += 10 * storage::SessionQueue::kRevisionStep;
  asked.state = StoreState::kRunning;
  asked.cancel_requested = true;
  hub_.Publish(asked);
  ASSERT_TRUE(executor_->Start().ok());
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (!storage::IsFinal(store_->queue().Get(accepted.token)->state)) {
    ASSERT_LT(absl::Now(), deadline);
    std::this_thread::yield();
  }
  executor_->Stop(absl::Minutes(1));
  EXPECT_EQ(store_->queue().Get(accepted.token)->state, StoreState::kCancelled);
  EXPECT_TRUE((*store_->Results("default"))->ListRuns("", 10, "")->runs.empty());
}

TEST_F(ExecutorTest, Recover_StoreThatWasRunning_RunsAgain) {
  const StoreSession accepted = Accept(kSarif);
  ASSERT_TRUE((*store_->queue().ClaimNext(absl::Now(), {})).has_value());
  ASSERT_TRUE(executor_->Recover().ok());
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.attempts, 2);
}

// As a backup has it that was taken while the store was worked on.
TEST_F(ExecutorTest, StoreWhoseResultsAreThere_CompletesWithoutItsPayload) {
  const StoreSession accepted = Accept(kSarif);
  IngestNothing(accepted);
  ASSERT_TRUE(spool_->Remove(accepted.payload.file).ok());
  EXPECT_EQ(RunToEnd(accepted).state, StoreState::kCompleted);
}

TEST_F(ExecutorTest, Recover_StoreThatWasCommitted_IsCompletedAndNotRunAgain) {
  const StoreSession accepted = Accept(kSarif);
  const StoreSession end = RunToEnd(accepted);
  // As if the server had died between the product's commit and the queue's: another session of
  // the same content is RUNNING in the queue while its token is in the product's database.
  const StoreSession second = Accept(kSarif);
  ASSERT_TRUE((*store_->queue().ClaimNext(absl::Now(), {})).has_value());
  IngestNothing(second);

  ASSERT_TRUE(executor_->Recover().ok());
  const StoreSession recovered = *store_->queue().Get(second.token);
  EXPECT_EQ(recovered.state, StoreState::kCompleted);
  EXPECT_EQ(recovered.attempts, 1);
  EXPECT_EQ(recovered.result->resolved_reports, 1);
  EXPECT_EQ(end.state, StoreState::kCompleted);
}

TEST_F(ExecutorTest, Recover_TooManyAttempts_FailsWithTheReason) {
  const StoreSession accepted = Accept(kSarif);
  for (int attempt = 0; attempt < 3; ++attempt) {
    ASSERT_TRUE((*store_->queue().ClaimNext(absl::Now(), {})).has_value()) << attempt;
    ASSERT_TRUE(executor_->Recover().ok());
  }
  const StoreSession end = *store_->queue().Get(accepted.token);
  EXPECT_EQ(end.state, StoreState::kFailed);
  EXPECT_EQ(end.error.code, StoreErrorCode::kCrashed);
}

// However often: as where the disk is full and the queue cannot be told.
TEST_F(ExecutorTest, Recover_ServersThatStopped_AreNoAttempts) {
  const StoreSession accepted = Accept(kSarif);
  for (int stop = 0; stop < 5; ++stop) {
    ASSERT_TRUE(store_->MarkWorking().ok());
    ASSERT_TRUE((*store_->queue().ClaimNext(absl::Now(), {})).has_value()) << stop;
    ASSERT_TRUE(store_->MarkStopped().ok());
    Reopen();
    ASSERT_TRUE(executor_->Recover().ok());
  }
  const StoreSession end = RunToEnd(accepted);
  EXPECT_EQ(end.state, StoreState::kCompleted);
  EXPECT_EQ(end.attempts, 1);
}

TEST_F(ExecutorTest, Stop_IsNotedWhereWorkersRan_AndOnlyThere) {
  executor_->Stop(absl::ZeroDuration());
  Reopen();
  EXPECT_FALSE(store_->stopped_cleanly());
  ASSERT_TRUE(executor_->Start().ok());
  executor_->Stop(absl::ZeroDuration());
  Reopen();
  EXPECT_TRUE(store_->stopped_cleanly());
  // A server that could not start, and then one that dies.
  Reopen();
  EXPECT_TRUE(store_->stopped_cleanly());
  ASSERT_TRUE(store_->MarkWorking().ok());
  Reopen();
  EXPECT_FALSE(store_->stopped_cleanly());
}

}  // namespace
}  // namespace stored::engine
