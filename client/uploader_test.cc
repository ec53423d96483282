#include "client/uploader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/files/file.h"
#include "client/connection.h"
#include "client/testing/fake_clock.h"
#include "client/testing/fake_server.h"

namespace stored::client {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

constexpr size_t kMiB = 1 << 20;

class UploaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < 5 * kMiB / 2; ++i) bytes_ += static_cast<char>(i * i >> 8);
    absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "uploader-");
    ASSERT_TRUE(directory.ok());
    directory_.emplace(*std::move(directory));
    absl::StatusOr<UniqueFd> fd = OpenFile(directory_->path() + "/payload", O_RDWR | O_CREAT);
    ASSERT_TRUE(fd.ok());
    fd_ = *std::move(fd);
    ASSERT_TRUE(WriteAt(fd_.get(), bytes_, 0, "payload").ok());
    header_.set_upload_id("upload-1");
    header_.set_run_name("run");
  }

  absl::StatusOr<v1::UploadResponse> Upload(absl::Duration allowed = absl::InfiniteDuration()) {
    const absl::StatusOr<Payload> payload = DigestPayload(fd_.get(), "payload");
    if (!payload.ok()) return payload.status();
    Uploader uploader(*Endpoint::Parse(server_.address()), clock_, TimeLimit(clock_, allowed),
                      options_, [] { return 1.0; });
    return uploader.Upload(header_, *payload);
  }

  // Ends the first call with `status` once `bytes` have arrived.
  void BreakOnceAt(size_t bytes, const grpc::Status& status) {
    server_.on_upload = [bytes, status, broken = false](grpc::ServerContext&, size_t there,
                                                        bool /*accepted*/) mutable {
      if (broken || there < bytes) return grpc::Status::OK;
      broken = true;
      return status;
    };
  }

  std::string bytes_;
  std::optional<TemporaryDirectory> directory_;
  UniqueFd fd_;
  v1::UploadHeader header_;
  UploadOptions options_;
  FakeClock clock_;
  FakeServer server_;
};

TEST_F(UploaderTest, Upload_NoFailure_ArrivesInOneAttempt) {
  std::vector<int64_t> progress;
  options_.on_progress = [&](int64_t sent, int64_t total) {
    EXPECT_EQ(total, static_cast<int64_t>(bytes_.size()));
    progress.push_back(sent);
  };
  const absl::StatusOr<v1::UploadResponse> answer = Upload();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->token(), "token-of-upload-1");
  EXPECT_EQ(server_.upload("upload-1").bytes, bytes_);
  EXPECT_EQ(server_.upload("upload-1").header.run_name(), "run");
  EXPECT_EQ(server_.calls("Upload"), 1);
  EXPECT_EQ(server_.calls("GetUpload"), 0);
  EXPECT_EQ(progress.back(), static_cast<int64_t>(bytes_.size()));
}

TEST_F(UploaderTest, Upload_EmptyPayload_IsHeaderAndTrailer) {
  ASSERT_EQ(::ftruncate(fd_.get(), 0), 0);
  ASSERT_TRUE(Upload().ok());
  EXPECT_EQ(server_.upload("upload-1").bytes, "");
}

TEST_F(UploaderTest, Upload_BreaksMidway_ResumesAtTheCommittedSize) {
  BreakOnceAt(kMiB, {grpc::StatusCode::UNAVAILABLE, "Connection reset by peer"});
  int failures = 0;
  options_.on_failure = [&](const absl::Status&, absl::Duration) { ++failures; };
  ASSERT_TRUE(Upload().ok());
  EXPECT_EQ(server_.upload("upload-1").bytes, bytes_);
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, kMiB));
  EXPECT_EQ(server_.calls("GetUpload"), 1);
  EXPECT_EQ(failures, 1);
}

TEST_F(UploaderTest, Upload_TakenOverByAnotherConnection_IsTakenBack) {
  BreakOnceAt(kMiB, {grpc::StatusCode::ABORTED, "another connection goes on with it"});
  ASSERT_TRUE(Upload().ok());
  EXPECT_EQ(server_.upload("upload-1").bytes, bytes_);
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, kMiB));
}

TEST_F(UploaderTest, Upload_LostResponse_GetsTheTokenAndSendsNothingAgain) {
  server_.on_upload = [](grpc::ServerContext& context, size_t, bool accepted) {
    if (accepted) context.TryCancel();
    return grpc::Status::OK;
  };
  const absl::StatusOr<v1::UploadResponse> answer = Upload();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->token(), "token-of-upload-1");
  EXPECT_EQ(answer->status().token(), "token-of-upload-1");
  EXPECT_EQ(server_.calls("Upload"), 1);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Milliseconds(200)));
}

TEST_F(UploaderTest, Upload_UnknownToTheServer_StartsAtTheBeginning) {
  BreakOnceAt(kMiB, {grpc::StatusCode::UNAVAILABLE, "restarting"});
  server_.on_get_upload = [](grpc::ServerContext&, const v1::GetUploadRequest&,
                             v1::GetUploadResponse&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such upload");
  };
  ASSERT_TRUE(Upload().ok());
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, 0));
}

TEST_F(UploaderTest, Upload_CommittedSizeTooLarge_StartsAtTheBeginning) {
  BreakOnceAt(kMiB, {grpc::StatusCode::UNAVAILABLE, "restarting"});
  server_.on_get_upload = [](grpc::ServerContext&, const v1::GetUploadRequest&,
                             v1::GetUploadResponse& response) {
    response.set_committed_size(int64_t{1} << 40);
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Upload().ok());
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, 0));
}

TEST_F(UploaderTest, Upload_DamagedOnTheWay_IsSentAgainFromTheBeginning) {
  BreakOnceAt(2 * kMiB, {grpc::StatusCode::DATA_LOSS, "checksum of the chunk at 1048576"});
  ASSERT_TRUE(Upload().ok());
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, 0));
}

TEST_F(UploaderTest, Upload_AlwaysDamaged_IsGivenUp) {
  server_.on_upload = [](grpc::ServerContext&, size_t, bool) {
    return grpc::Status(grpc::StatusCode::DATA_LOSS, "checksum");
  };
  EXPECT_TRUE(absl::IsDataLoss(Upload().status()));
  EXPECT_EQ(server_.calls("Upload"), 3);
}

TEST_F(UploaderTest, Upload_QueueFull_RetriesWhenTheServerAsks) {
  server_.on_upload = [refused = false](grpc::ServerContext& context, size_t, bool) mutable {
    if (refused) return grpc::Status::OK;
    refused = true;
    context.AddTrailingMetadata("grpc-retry-pushback-ms", "4200");
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full");
  };
  ASSERT_TRUE(Upload().ok());
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Milliseconds(4200)));
}

TEST_F(UploaderTest, Upload_Refused_IsNotRepeated) {
  server_.on_upload = [](grpc::ServerContext&, size_t, bool) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no product 'x'");
  };
  EXPECT_EQ(Upload().status(), absl::NotFoundError("no product 'x'"));
  EXPECT_EQ(server_.calls("Upload"), 1);
}

TEST_F(UploaderTest, Upload_NoProgressWithinTheTimeGiven_IsDeadlineExceeded) {
  server_.on_upload = [](grpc::ServerContext&, size_t, bool) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
  };
  const absl::Duration begin = clock_.Monotonic();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Upload(absl::Seconds(20)).status()));
  EXPECT_EQ(clock_.Monotonic() - begin, absl::Seconds(20));
}

TEST_F(UploaderTest, Upload_EveryAttemptMakesProgress_NeverRunsOutOfPatience) {
  options_.retry.patience = absl::Seconds(1);
  server_.on_upload = [last = size_t{0}](grpc::ServerContext&, size_t there, bool) mutable {
    if (there < last + kMiB) return grpc::Status::OK;
    last = there;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
  };
  clock_.on_sleep = [this] { clock_.Advance(absl::Seconds(10)); };
  ASSERT_TRUE(Upload().ok());
  EXPECT_THAT(server_.upload("upload-1").starts, ElementsAre(0, kMiB, 2 * kMiB));
}

TEST_F(UploaderTest, Upload_FileShrinks_IsAnErrorThatNamesIt) {
  const absl::StatusOr<Payload> payload = DigestPayload(fd_.get(), "the bundle");
  ASSERT_TRUE(payload.ok());
  ASSERT_EQ(::ftruncate(fd_.get(), 100), 0);
  Uploader uploader(*Endpoint::Parse(server_.address()), clock_,
                    TimeLimit(clock_, absl::InfiniteDuration()), options_);
  EXPECT_EQ(uploader.Upload(header_, *payload).status(),
            absl::InternalError("the bundle: became shorter while it was being uploaded"));
}

TEST(NewUploadIdTest, NewUploadId_IsARandomUuid) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewUploadId());
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_THAT(*ids.begin(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                         "[0-9a-f]{12}"));
}

}  // namespace
}  // namespace stored::client
