#include "services/grpc_status.h"

#include <gtest/gtest.h>

#include "base/testing/split_texts.h"

namespace stored::services {
namespace {

TEST(GrpcStatusTest, ToGrpc_SameCodeAndMessage) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  const grpc::Status status = ToGrpc(absl::NotFoundError("no run 'a\nb'"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no run 'a\\nb'");
}

TEST(GrpcStatusTest, ToGrpc_LongMessage_IsCutBetweenCharacters) {
  for (const SplitText& message : TextsSplitAt(kMaxStatusMessageBytes)) {
    EXPECT_EQ(ToGrpc(absl::InternalError(message.text)).error_message(), message.kept);
  }
}

}  // namespace
}  // namespace stored::services
