#include "storage/policy/admission.h"

#include <gtest/gtest.h>

#include <string>

#include "base/time/retry_pushback.h"

namespace stored::storage {
namespace {

StoreRequest Request() {
  StoreRequest request;
  request.upload_id = "upload-1";
  request.product = "p";
  request.run_name = "run";
  return request;
}

const SpooledPayload kPayload = {"file", 5, "digest"};

StoreSession Accepted() {
  StoreSession session;
  session.request = Request();
  session.payload = kPayload;
  return session;
}

TEST(AdmissionTest, RepeatedUpload_SameProductRunAndContent_IsTheSame) {
  EXPECT_TRUE(CheckRepeatedUpload(Accepted(), Request(), kPayload).ok());
  // Only the content tells payloads apart: the spool gives each upload a file of its own. A client
  // that tries again may also send other options.
  StoreRequest request = Request();
  request.tag = "v1";
  request.force = true;
  EXPECT_TRUE(CheckRepeatedUpload(Accepted(), request, {"other", 5, "digest"}).ok());
}

TEST(AdmissionTest, RepeatedUpload_OtherProductRunOrContent_AlreadyExists) {
  StoreRequest other_product = Request();
  other_product.product = "q";
  StoreRequest other_run = Request();
  other_run.run_name = "other";
  for (const absl::Status& refused :
       {CheckRepeatedUpload(Accepted(), other_product, kPayload),
        CheckRepeatedUpload(Accepted(), other_run, kPayload),
        CheckRepeatedUpload(Accepted(), Request(), {"file", 6, "digest"}),
        CheckRepeatedUpload(Accepted(), Request(), {"file", 5, "another"})}) {
    EXPECT_EQ(refused, absl::AlreadyExistsError(
                           "upload_id \"upload-1\" was accepted before with another product, run "
                           "or content; use a new one for each upload"));
  }
}

TEST(AdmissionTest, ProductQueue_Full_IsAProductLimitWithAPushback) {
  ProductSettings settings;
  EXPECT_TRUE(CheckProductQueue("p", settings, 1'000'000).ok());
  settings.max_queued_stores = 2;
  EXPECT_TRUE(CheckProductQueue("p", settings, 1).ok());
  for (const int64_t enqueued : {2, 3}) {
    const absl::Status full = CheckProductQueue("p", settings, enqueued);
    EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(full.message(), QueueLimitError("p", 2).message());
    EXPECT_TRUE(IsProductLimit(full));
    EXPECT_EQ(RetryPushbackOf(full), absl::Seconds(5));
  }
}

TEST(AdmissionTest, BusyRun_FailedPrecondition) {
  EXPECT_EQ(RunBusyError("run"),
            absl::FailedPreconditionError(
                "run \"run\" is busy: a store into it is not finished; wait for that one"));
}

TEST(AdmissionTest, Queue_Full_HasAPushback) {
  SessionQueue::EnqueueOptions options;
  EXPECT_TRUE(CheckQueue(options, 1'000'000).ok());
  options.max_enqueued = 2;
  EXPECT_TRUE(CheckQueue(options, 1).ok());
  const absl::Status full = CheckQueue(options, 3);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(full.message(), "the queue is full: 3 stores are waiting; try again later");
  EXPECT_FALSE(IsProductLimit(full));
  EXPECT_EQ(RetryPushbackOf(full), absl::Seconds(5));
}

}  // namespace
}  // namespace stored::storage
