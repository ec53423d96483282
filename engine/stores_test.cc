#include "engine/stores.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "base/testing/split_texts.h"
#include "engine/products.h"
#include "engine/testing/engine_test.h"

namespace stored::engine {
namespace {

using storage::StoreState;

// No worker runs unless a test starts the executor.
class StoresAndProductsTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (HasFatalFailure()) return;
    UploadLimits limits;
    limits.max_uploads = 4;
    stores_ = std::make_unique<Stores>(
        Stores::Parts{*backend_, *spool_, hub_, advice_, *executor_, notes_, Clock::System()},
        limits);
    products_ = std::make_unique<Products>(*backend_, *spool_, hub_, Clock::System());
  }

  storage::StoreSession Upload(const std::string& upload_id, const std::string& product = "") {
    UploadReceiver receiver(stores_->uploads());
    storage::UploadHeader header;
    header.request.upload_id = upload_id;
    header.request.product = product;
    header.request.run_name = "run";
    header.request.format = storage::PayloadFormat::kSarif;
    EXPECT_TRUE(receiver.OnHeader(header).ok());
    EXPECT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
    absl::StatusOr<storage::StoreSession> session =
        receiver.OnTrailer(static_cast<int64_t>(payload_.size()), Sha256::Of(payload_));
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  // Returns when all notes that were posted before have been written.
  void AwaitNotes() {
    std::promise<void> ran;
    notes_.Post([&ran] { ran.set_value(); });
    ran.get_future().wait();
  }

  const std::string payload_ = R"({"version": "2.1.0", "runs": []})";
  WorkThreads notes_{1};
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<Products> products_;
};

using StoresTest = StoresAndProductsTest;
using ProductsTest = StoresAndProductsTest;

TEST_F(StoresTest, AcceptedUpload_WakesAWorker) {
  ASSERT_TRUE(executor_->Start().ok());
  // The first may be claimed by a worker that has just started; the second needs the wake-up.
  for (const char* upload_id : {"upload-1", "upload-2"}) {
    const storage::StoreSession session = Upload(upload_id);
    const auto watcher = std::make_shared<EndWatcher>();
    ASSERT_TRUE(stores_->statuses().Watch(session.token, watcher).ok());
    EXPECT_EQ(watcher->Wait()->session.state, StoreState::kCompleted);
  }
}

TEST_F(StoresTest, StopAccepting_MakesMessagesUnavailable) {
  UploadReceiver receiver(stores_->uploads());
  storage::UploadHeader header;
  header.request.run_name = "run";
  header.request.format = storage::PayloadFormat::kSarif;
  ASSERT_TRUE(receiver.OnHeader(header).ok());
  stores_->StopAccepting();
  EXPECT_TRUE(absl::IsUnavailable(receiver.OnChunk(0, payload_, {})));
  UploadReceiver late(stores_->uploads());
  EXPECT_TRUE(absl::IsUnavailable(late.OnHeader(header)));
}

TEST_F(StoresTest, Header_IsCheckedAndDefaulted) {
  storage::UploadHeader header;
  header.request.format = storage::PayloadFormat::kSarif;
  UploadReceiver refused(stores_->uploads());
  EXPECT_TRUE(absl::IsInvalidArgument(refused.OnHeader(header))) << "it has no run";
  EXPECT_EQ(Upload("upload-1").request.product, storage::kDefaultProduct);
}

TEST_F(StoresTest, FindUpload_ArrivingAndAccepted) {
  EXPECT_TRUE(absl::IsNotFound(stores_->FindUpload("upload-1").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(stores_->FindUpload("x").status()));
  {
    UploadReceiver broken(stores_->uploads());
    storage::UploadHeader header;
    header.request.upload_id = "upload-1";
    header.request.run_name = "run";
    header.request.format = storage::PayloadFormat::kSarif;
    ASSERT_TRUE(broken.OnHeader(header).ok());
    ASSERT_TRUE(broken.OnChunk(0, payload_.substr(0, 10), {}).ok());
  }
  const absl::StatusOr<Stores::Upload> arriving = stores_->FindUpload("upload-1");
  ASSERT_TRUE(arriving.ok()) << arriving.status();
  EXPECT_EQ(arriving->committed_size, 10);
  EXPECT_FALSE(arriving->store.has_value());

  const storage::StoreSession session = Upload("upload-1");
  const absl::StatusOr<Stores::Upload> accepted = stores_->FindUpload("upload-1");
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->committed_size, static_cast<int64_t>(payload_.size()));
  ASSERT_TRUE(accepted->store.has_value());
  EXPECT_EQ(accepted->store->session.token, session.token);
}

TEST_F(StoresTest, Cancel_TellsWatchers_RemovesThePayload_AndMayBeRepeated) {
  const storage::StoreSession session = Upload("upload-1");
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(stores_->statuses().Watch(session.token, watcher).ok());
  EXPECT_EQ(watcher->last()->session.state, StoreState::kEnqueued);
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<LiveStatus> cancelled = stores_->Cancel(session.token);
    ASSERT_TRUE(cancelled.ok()) << cancelled.status();
    EXPECT_EQ(cancelled->session.state, StoreState::kCancelled);
    EXPECT_EQ(watcher->last()->session.state, StoreState::kCancelled);
    EXPECT_EQ(SpooledFiles(), 0u);
  }
  EXPECT_TRUE(absl::IsNotFound(stores_->Cancel("no such token").status()));
}

TEST_F(StoresTest, UnknownToken_IsQuotedUpToAWholeCharacter) {
  for (const SplitText& token : TextsSplitAt(64)) {
    const absl::Status status = stores_->statuses().Find(token.text).status();
    EXPECT_EQ(status,
              absl::NotFoundError("no store has the token '" + token.kept + "' on this server"));
  }
}

TEST_F(StoresTest, Watch_EndedStore_TellsTheEndAlone) {
  const storage::StoreSession session = Upload("upload-1");
  ASSERT_TRUE(stores_->Cancel(session.token).ok());
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(stores_->statuses().Watch(session.token, watcher).ok());
  EXPECT_EQ(watcher->last()->session.state, StoreState::kCancelled);
  EXPECT_TRUE(absl::IsNotFound(stores_->statuses().Watch("unknown", watcher)));
}

// The store is committed, but the thread that accepted it has not published it.
TEST_F(StoresTest, Watch_StoreThatTheHubDoesNotKnowYet) {
  const storage::StoreSession session = Upload("upload-1");
  StatusHub hub;
  const StatusReader reader(backend_->queue(), hub);
  EXPECT_EQ(reader.FindLive(session.token), nullptr);
  EXPECT_EQ(reader.Find(session.token)->session.state, StoreState::kEnqueued);
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(reader.Watch(session.token, watcher).ok());
  EXPECT_EQ(watcher->last()->session.state, StoreState::kEnqueued);
  EXPECT_NE(reader.FindLive(session.token), nullptr);
}

TEST_F(StoresTest, NoteConsumed_FinalStatesOnly) {
  const storage::StoreSession session = Upload("upload-1");
  stores_->NoteConsumed(*stores_->statuses().Find(session.token));
  AwaitNotes();
  const absl::StatusOr<LiveStatus> cancelled = stores_->Cancel(session.token);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_FALSE(cancelled->session.consumed);
  stores_->NoteConsumed(*cancelled);
  AwaitNotes();
  EXPECT_TRUE(stores_->statuses().Find(session.token)->session.consumed);
}

TEST_F(StoresTest, List_HasProgress_AndChecksItsArguments) {
  const storage::StoreSession first = Upload("upload-1");
  const storage::StoreSession second = Upload("upload-2");
  const absl::StatusOr<Stores::Page> page = stores_->List({}, 1, "");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->stores.size(), 1u);
  EXPECT_EQ(page->stores[0].session.token, second.token);
  EXPECT_EQ(page->stores[0].progress.stores_ahead, 1);
  const absl::StatusOr<Stores::Page> rest = stores_->List({}, 1, page->next_page_token);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->stores[0].session.token, first.token);
  EXPECT_TRUE(rest->next_page_token.empty());
  EXPECT_TRUE(absl::IsInvalidArgument(stores_->List({}, 1001, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(stores_->List({.product = "No"}, 1, "").status()));
}

TEST_F(StoresTest, Times_OnlyWhileInProgress) {
  const storage::StoreSession session = Upload("upload-1");
  const storage::PollTimes times = stores_->TimesOf(*stores_->statuses().Find(session.token));
  EXPECT_GE(times.poll_after, kMinPollInterval);
  EXPECT_GT(times.estimate, absl::ZeroDuration());
  const absl::StatusOr<LiveStatus> cancelled = stores_->Cancel(session.token);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(stores_->TimesOf(*cancelled).poll_after, absl::ZeroDuration());
}

TEST_F(ProductsTest, CreateAndUpdate_CheckSettings) {
  EXPECT_TRUE(absl::IsInvalidArgument(products_->Create("p", {.max_runs = -1}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(products_->Create("-p", {}).status()));
  const absl::StatusOr<storage::ProductSummary> created = products_->Create("p", {.max_runs = 3});
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->settings.max_runs, 3);
  EXPECT_TRUE(absl::IsAlreadyExists(products_->Create("p", {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(products_->Update("p", {.max_runs = -1}).status()));
  const absl::StatusOr<storage::ProductSummary> updated =
      products_->Update("p", {.max_queued_stores = 5});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->settings.max_runs, 3);
  EXPECT_EQ(updated->settings.max_queued_stores, 5);
  EXPECT_EQ(products_->List()->size(), 2u);
}

TEST_F(ProductsTest, Delete_EndsStoresThatWait_AndTellsWatchers) {
  ASSERT_TRUE(products_->Create("p", {}).ok());
  const storage::StoreSession session = Upload("upload-1", "p");
  const storage::StoreSession other = Upload("upload-2");
  const auto watcher = std::make_shared<EndWatcher>();
  ASSERT_TRUE(stores_->statuses().Watch(session.token, watcher).ok());
  ASSERT_TRUE(products_->Delete("p").ok());
  EXPECT_EQ(watcher->last()->session.state, StoreState::kFailed);
  EXPECT_EQ(watcher->last()->session.error.code, storage::StoreErrorCode::kProductGone);
  EXPECT_FALSE(spool_->PayloadSize(session.payload.file).ok());
  EXPECT_TRUE(spool_->PayloadSize(other.payload.file).ok());
  EXPECT_TRUE(absl::IsNotFound(products_->Delete("p")));
}

TEST_F(ProductsTest, FindMissingSources_ChecksItsArguments) {
  const Sha256Digest digest = Sha256::Of("x");
  EXPECT_EQ(*products_->FindMissingSources("", {digest, digest}),
            std::vector<Sha256Digest>{digest});
  EXPECT_TRUE(absl::IsNotFound(products_->FindMissingSources("gone", {digest}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(products_->FindMissingSources("No", {}).status()));
  const std::vector<Sha256Digest> many(10'001, digest);
  EXPECT_TRUE(absl::IsInvalidArgument(products_->FindMissingSources("", many).status()));
}

}  // namespace
}  // namespace stored::engine
