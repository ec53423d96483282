// Tests uploads over several connections, as a client makes them whose network breaks.
#include "engine/intake/upload_receiver.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/time/retry_pushback.h"
#include "engine/testing/engine_test.h"
#include "engine/testing/quiet_ingest.h"

namespace stored::engine {
namespace {

class UploadReceiverTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (HasFatalFailure()) return;
    context_.reset(new UploadContext{*backend_, *spool_, *registry_, hub_, advice_, Clock::System(),
                                     UploadLimits{}});
  }

  static UploadReceiver::Header Header(const std::string& upload_id) {
    UploadReceiver::Header header;
    header.request.upload_id = upload_id;
    header.request.product = "default";
    header.request.run_name = "run";
    header.request.format = storage::PayloadFormat::kSarif;
    return header;
  }

  absl::StatusOr<storage::StoreSession> End(UploadReceiver& receiver) {
    return receiver.OnTrailer(static_cast<int64_t>(payload_.size()), Sha256::Of(payload_));
  }

  void Limit(const storage::ProductSettingsChange& change) {
    ASSERT_TRUE(backend_->UpdateProduct("default", change).ok());
  }
  static void ExpectLimit(const absl::Status& status, const std::string& option) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_NE(status.message().find(option), absl::string_view::npos) << status;
  }
  // Creates an empty run.
  void MakeRun(const std::string& name) {
    class Nothing final : public reports::ReportStream {
     public:
      std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
        return std::make_unique<reports::DeferredReading>(
            [](reports::ReportSink& sink) { return sink.Finish({}); });
      }
    } nothing;
    ASSERT_TRUE(IngestQuietly(*backend_, "token of " + name, name, nothing, absl::Now()).ok());
  }

  const std::string payload_ = "{\"version\": \"2.1.0\", \"runs\": []}";
  std::unique_ptr<UploadContext> context_;
};

TEST_F(UploadReceiverTest, YoungerConnection_GoesOn_TheOlderIsRefused) {
  UploadReceiver older(*context_);
  ASSERT_TRUE(older.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(older.OnChunk(0, payload_.substr(0, 10), {}).ok());
  UploadReceiver younger(*context_);
  ASSERT_TRUE(younger.OnHeader(Header("upload-1")).ok());
  EXPECT_EQ(older.OnChunk(10, "late", {}).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(*registry_->CommittedSize("upload-1"), 10);
  ASSERT_TRUE(younger.OnChunk(10, payload_.substr(10), {}).ok());
  EXPECT_TRUE(End(younger).ok());
}

TEST_F(UploadReceiverTest, FirstChunkAtZero_StartsAgain) {
  {
    UploadReceiver broken(*context_);
    ASSERT_TRUE(broken.OnHeader(Header("upload-1")).ok());
    ASSERT_TRUE(broken.OnChunk(0, "something else", {}).ok());
  }
  UploadReceiver receiver(*context_);
  ASSERT_TRUE(receiver.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
  EXPECT_TRUE(End(receiver).ok());
}

TEST_F(UploadReceiverTest, LostAnswer_SameUploadWhileTheFirstReceiverLives_SameToken) {
  UploadReceiver first(*context_);
  ASSERT_TRUE(first.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(first.OnChunk(0, payload_, {}).ok());
  const absl::StatusOr<storage::StoreSession> accepted = End(first);
  ASSERT_TRUE(accepted.ok());
  UploadReceiver second(*context_);
  ASSERT_TRUE(second.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(second.OnChunk(0, payload_, {}).ok());
  const absl::StatusOr<storage::StoreSession> again = End(second);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->token, accepted->token);
  // Only the accepted payload is left, and it is whole.
  EXPECT_EQ(*ReadFile(spool_->PathOf(accepted->payload.file), 1000), payload_);
}

TEST_F(UploadReceiverTest, OtherContentUnderTheSameId_LeavesTheAcceptedPayloadAlone) {
  UploadReceiver first(*context_);
  ASSERT_TRUE(first.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(first.OnChunk(0, payload_, {}).ok());
  const absl::StatusOr<storage::StoreSession> accepted = End(first);
  ASSERT_TRUE(accepted.ok());
  const std::string other = "{\"version\": \"2.1.0\", \"runs\": [ ]}";
  UploadReceiver second(*context_);
  ASSERT_TRUE(second.OnHeader(Header("upload-1")).ok());
  ASSERT_TRUE(second.OnChunk(0, other, {}).ok());
  EXPECT_EQ(second.OnTrailer(static_cast<int64_t>(other.size()), Sha256::Of(other)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(*ReadFile(spool_->PathOf(accepted->payload.file), 1000), payload_);
}

TEST_F(UploadReceiverTest, HeaderAlone_LeavesNothing) {
  {
    UploadReceiver receiver(*context_);
    ASSERT_TRUE(receiver.OnHeader(Header("upload-1")).ok());
  }
  EXPECT_EQ(SpooledFiles(), 0u);
}

TEST_F(UploadReceiverTest, OtherSizeThanTheHeaderExpected_IsRefused) {
  UploadReceiver::Header header = Header("");
  header.expected_size = 5;
  UploadReceiver receiver(*context_);
  ASSERT_TRUE(receiver.OnHeader(header).ok());
  ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
  EXPECT_EQ(End(receiver).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(UploadReceiverTest, WithoutId_NothingStaysOfABrokenUpload) {
  {
    UploadReceiver receiver(*context_);
    ASSERT_TRUE(receiver.OnHeader(Header("")).ok());
    ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
    EXPECT_NE(SpooledFiles(), 0u);
  }
  EXPECT_EQ(SpooledFiles(), 0u);
}

TEST_F(UploadReceiverTest, AfterTheTrailer_FurtherMessagesAreRefused) {
  UploadReceiver receiver(*context_);
  ASSERT_TRUE(receiver.OnHeader(Header("")).ok());
  ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
  ASSERT_TRUE(End(receiver).ok());
  EXPECT_EQ(receiver.OnChunk(0, "more", {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(End(receiver).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(UploadReceiverTest, TooManyAtATime_AreUnavailable) {
  context_->limits.max_uploads = 1;
  {
    UploadReceiver first(*context_);
    ASSERT_TRUE(first.OnHeader(Header("")).ok());
    UploadReceiver second(*context_);
    EXPECT_EQ(second.OnHeader(Header("")).code(), absl::StatusCode::kUnavailable);
  }
  UploadReceiver third(*context_);
  EXPECT_TRUE(third.OnHeader(Header("")).ok());
}

// A new upload ends at most one other, and only a quiet one.
TEST_F(UploadReceiverTest, QuietUpload_MakesRoomForAnother) {
  class Connection final : public ArrivingUpload {
   public:
    explicit Connection(bool quiet) : quiet_(quiet) {}
    bool EndIfQuietFor(absl::Duration limit) override {
      EXPECT_EQ(limit, absl::Seconds(7));
      ended = quiet_;
      return ended;
    }
    bool ended = false;

   private:
    const bool quiet_;
  };
  context_->limits.max_uploads = 3;
  context_->limits.quiet_upload_timeout = absl::Seconds(7);
  Connection busy(false);
  Connection quiet(true);
  Connection also_quiet(true);
  UploadReceiver first(*context_, &busy);
  ASSERT_TRUE(first.OnHeader(Header("")).ok());
  {
    UploadReceiver second(*context_, &quiet);
    ASSERT_TRUE(second.OnHeader(Header("")).ok());
    UploadReceiver third(*context_, &also_quiet);
    ASSERT_TRUE(third.OnHeader(Header("")).ok());
    EXPECT_FALSE(quiet.ended);
    UploadReceiver fourth(*context_);
    EXPECT_EQ(fourth.OnHeader(Header("")).code(), absl::StatusCode::kUnavailable);
    EXPECT_FALSE(busy.ended);
    EXPECT_TRUE(quiet.ended);
    EXPECT_FALSE(also_quiet.ended);
  }
  UploadReceiver fifth(*context_);
  EXPECT_TRUE(fifth.OnHeader(Header("")).ok());
}

// The earlier connection's last bytes may arrive after the client asked how far it got.
TEST_F(UploadReceiverTest, FirstChunkNotAtTheEnd_IsUnavailable) {
  {
    UploadReceiver broken(*context_);
    ASSERT_TRUE(broken.OnHeader(Header("upload-1")).ok());
    ASSERT_TRUE(broken.OnChunk(0, payload_.substr(0, 10), {}).ok());
  }
  UploadReceiver receiver(*context_);
  ASSERT_TRUE(receiver.OnHeader(Header("upload-1")).ok());
  EXPECT_EQ(receiver.OnChunk(5, payload_.substr(5), {}).code(), absl::StatusCode::kUnavailable);
}

TEST_F(UploadReceiverTest, FullQueue_IsResourceExhausted_AndNothingStays) {
  context_->limits.max_enqueued = 1;
  for (const bool fits : {true, false}) {
    UploadReceiver receiver(*context_);
    ASSERT_TRUE(receiver.OnHeader(Header("")).ok());
    ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
    const absl::Status ended = End(receiver).status();
    EXPECT_EQ(ended.code(), fits ? absl::StatusCode::kOk : absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(RetryPushbackOf(ended).has_value(), !fits) << ended;
  }
  EXPECT_EQ(SpooledFiles(), 1u);
}

TEST_F(UploadReceiverTest, SizeLimitOfTheProduct_AtTheHeader_OrAsChunksArrive) {
  Limit({.max_bytes_per_store = static_cast<int64_t>(payload_.size()) - 1});
  UploadReceiver::Header header = Header("");
  header.expected_size = static_cast<int64_t>(payload_.size());
  UploadReceiver told(*context_);
  ExpectLimit(told.OnHeader(header), "--max-bytes-per-store");
  UploadReceiver untold(*context_);
  ASSERT_TRUE(untold.OnHeader(Header("")).ok());
  ASSERT_TRUE(untold.OnChunk(0, payload_.substr(0, 10), {}).ok());
  ExpectLimit(untold.OnChunk(10, payload_.substr(10), {}), "--max-bytes-per-store");

  Limit({.max_bytes_per_store = static_cast<int64_t>(payload_.size())});
  UploadReceiver fits(*context_);
  ASSERT_TRUE(fits.OnHeader(header).ok());
  ASSERT_TRUE(fits.OnChunk(0, payload_, {}).ok());
  EXPECT_TRUE(End(fits).ok());
}

TEST_F(UploadReceiverTest, RunLimitOfTheProduct_RefusesNewRunsAtTheHeader) {
  MakeRun("there");
  Limit({.max_runs = 1});
  UploadReceiver::Header header = Header("");
  UploadReceiver fresh(*context_);
  const absl::Status refused = fresh.OnHeader(header);
  ExpectLimit(refused, "--max-runs");
  EXPECT_EQ(RetryPushbackOf(refused), std::nullopt) << "a retry does not help";
  header.request.run_name = "there";
  UploadReceiver known(*context_);
  EXPECT_TRUE(known.OnHeader(header).ok());
}

TEST_F(UploadReceiverTest, QueueLimitOfTheProduct_HasAPushback) {
  Limit({.max_queued_stores = 1});
  for (const bool fits : {true, false}) {
    UploadReceiver receiver(*context_);
    ASSERT_TRUE(receiver.OnHeader(Header("")).ok());
    ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
    const absl::Status ended = End(receiver).status();
    EXPECT_EQ(ended.ok(), fits) << ended;
    EXPECT_EQ(RetryPushbackOf(ended).has_value(), !fits);
  }
}

// The token of an accepted upload stays valid, whatever limits are set later.
TEST_F(UploadReceiverTest, LimitsSetAfterAcceptance_SameUploadGetsItsToken) {
  MakeRun("there");
  std::string token;
  for (const bool first : {true, false}) {
    UploadReceiver receiver(*context_);
    ASSERT_TRUE(receiver.OnHeader(Header("upload-1")).ok());
    ASSERT_TRUE(receiver.OnChunk(0, payload_, {}).ok());
    const absl::StatusOr<storage::StoreSession> session = End(receiver);
    ASSERT_TRUE(session.ok()) << session.status();
    EXPECT_TRUE(first || session->token == token);
    token = session->token;
    Limit({.max_runs = 1, .max_bytes_per_store = 1, .max_queued_stores = 1});
  }
}

}  // namespace
}  // namespace stored::engine
