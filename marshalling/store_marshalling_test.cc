#include "marshalling/store_marshalling.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/policy/field_checks.h"

namespace stored::marshalling {
namespace {

using storage::StoreState;

storage::StoreSession Session(StoreState state) {
  storage::StoreSession session;
  session.token = "0123456789abcdef0123456789abcdef";
  session.request.run_name = "run";
  session.request.tag = "v1\xff";
  session.state = state;
  session.payload.size = 42;
  return session;
}

TEST(StoreMarshallingTest, UploadHeader_EveryFieldArrives) {
  v1::UploadHeader header;
  header.set_upload_id("12345678");
  header.set_product("p");
  header.set_run_name("run");
  header.set_tag("v1");
  header.set_description("text");
  header.set_format(v1::PAYLOAD_FORMAT_ARCHIVE);
  header.set_force(true);
  header.add_trim_path_prefixes("/src/");
  header.set_skip_bad_files(true);
  header.set_refuse_if_busy(true);
  header.set_expected_size(7);
  header.mutable_expire_after()->set_seconds(60);
  const absl::StatusOr<storage::UploadHeader> got = FromProto(header);
  ASSERT_TRUE(got.ok()) << got.status();
  storage::StoreRequest request;
  request.upload_id = "12345678";
  request.product = "p";
  request.run_name = "run";
  request.tag = "v1";
  request.description = "text";
  request.format = storage::PayloadFormat::kArchive;
  request.force = true;
  request.trim_path_prefixes = {"/src/"};
  request.skip_bad_files = true;
  request.expire_after = absl::Minutes(1);
  EXPECT_EQ(got->request, request);
  EXPECT_TRUE(got->refuse_if_busy);
  EXPECT_EQ(got->expected_size, 7);
}

TEST(StoreMarshallingTest, UploadHeader_UnknownFormat_IsRefusedByTheCheck) {
  for (const int format : {0, 5, 257}) {
    v1::UploadHeader header;
    header.set_run_name("run");
    header.set_format(static_cast<v1::PayloadFormat>(format));
    const absl::StatusOr<storage::UploadHeader> got = FromProto(header);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(absl::IsInvalidArgument(storage::CheckUploadHeader(*got))) << format;
  }
}

TEST(StoreMarshallingTest, SessionFilter_UnknownState_IsRefused) {
  v1::ListStoresRequest request;
  request.add_states(v1::STORE_STATE_FAILED);
  EXPECT_EQ(FromProto(request)->states, std::vector<StoreState>{StoreState::kFailed});
  request.add_states(static_cast<v1::StoreState>(7));
  EXPECT_TRUE(absl::IsInvalidArgument(FromProto(request).status()));
}

TEST(StoreMarshallingTest, Digest_IsHexadecimal) {
  const Sha256Digest digest = Sha256::Of("x");
  EXPECT_EQ(*DigestFromProto(digest.Hex(), "f"), digest);
  const absl::Status refused = DigestFromProto("abc", "trailer.sha256").status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_NE(refused.message().find("trailer.sha256"), absl::string_view::npos) << refused;
}

TEST(StoreMarshallingTest, Status_InProgress_HasAdviceAndProgress) {
  storage::StoreProgress progress;
  progress.revision = 9;
  progress.phase = storage::StorePhase::kApplying;
  progress.done = 3;
  progress.total = 10;
  progress.stores_ahead = 2;
  const storage::PollTimes times = {absl::Milliseconds(500), absl::Seconds(1)};
  const v1::StoreStatus enqueued = ToProto(Session(StoreState::kEnqueued), progress, times);
  EXPECT_TRUE(enqueued.in_progress());
  EXPECT_EQ(enqueued.revision(), 9);
  EXPECT_EQ(enqueued.queue_position(), 2);
  EXPECT_EQ(FromProto(enqueued.poll_after()), times.poll_after);
  EXPECT_EQ(FromProto(enqueued.estimate()), times.estimate);
  EXPECT_EQ(enqueued.phase(), v1::STORE_PHASE_UNSPECIFIED) << "a store that waits is at nothing";
  EXPECT_EQ(enqueued.tag(), "v1\xef\xbf\xbd");
  EXPECT_FALSE(enqueued.has_enqueued_at());

  const v1::StoreStatus running = ToProto(Session(StoreState::kRunning), progress, times);
  EXPECT_EQ(running.phase(), v1::STORE_PHASE_APPLYING);
  EXPECT_EQ(running.phase_done(), 3);
  EXPECT_EQ(running.phase_total(), 10);
}

TEST(StoreMarshallingTest, Status_Final_HasOutcomeAndNoAdvice) {
  storage::StoreSession session = Session(StoreState::kFailed);
  session.error = {storage::StoreErrorCode::kBadInput, "x.plist: not XML"};
  const v1::StoreStatus status = ToProto(session, {}, {absl::Seconds(1), absl::Seconds(1)});
  EXPECT_FALSE(status.in_progress());
  EXPECT_FALSE(status.has_poll_after());
  EXPECT_FALSE(status.has_estimate());
  EXPECT_EQ(status.error().code(), v1::STORE_ERROR_CODE_BAD_INPUT);
  EXPECT_EQ(status.error().message(), "x.plist: not XML");
  EXPECT_FALSE(status.has_result());
}

}  // namespace
}  // namespace stored::marshalling
