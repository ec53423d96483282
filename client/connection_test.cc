#include "client/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mutex.h"
#include "base/time/retry_pushback.h"
#include "client/testing/fake_server.h"

namespace stored::client {
namespace {

absl::Status StatusOfGetStatus(FakeServer& server, absl::Duration timeout = absl::Seconds(10)) {
  Connection connection(*Endpoint::Parse(server.address()));
  return connection.GetStatus(v1::GetStatusRequest(), timeout).status();
}

TEST(ConnectionTest, Call_ServerError_KeepsCodeAndMessage) {
  FakeServer server;
  server.on_get_status = [](const std::string&, v1::StoreStatus&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such token");
  };
  EXPECT_EQ(StatusOfGetStatus(server), absl::NotFoundError("no such token"));
}

TEST(ConnectionTest, Call_ConnectionRefused_IsUnavailableWithThePlainReason) {
  std::string address;
  {
    const FakeServer server;
    address = server.address();
  }
  Connection connection(*Endpoint::Parse(address));
  const absl::Status status = connection.GetStatus(v1::GetStatusRequest()).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(std::string(status.message()), "Connection refused");
}

TEST(ConnectionTest, Call_NoAnswerInTime_IsUnavailable) {
  FakeServer server;
  Mutex blocked;
  blocked.Lock();
  server.on_get_status = [&](const std::string&, v1::StoreStatus&) {
    const MutexLock wait(blocked);
    return grpc::Status::OK;
  };
  const absl::Status status = StatusOfGetStatus(server, absl::Seconds(1));
  blocked.Unlock();
  EXPECT_EQ(status, absl::UnavailableError("no answer within 1s"));
}

TEST(ConnectionTest, Call_StreamReset_IsUnavailable) {
  FakeServer server;
  server.on_get_upload = [](grpc::ServerContext& context, const v1::GetUploadRequest&,
                            v1::GetUploadResponse&) {
    context.TryCancel();
    return grpc::Status::OK;
  };
  Connection connection(*Endpoint::Parse(server.address()));
  EXPECT_TRUE(absl::IsUnavailable(connection.GetUpload(v1::GetUploadRequest()).status()));
}

TEST(ConnectionTest, Call_PushbackInTrailer_IsInTheStatus) {
  FakeServer server;
  server.on_get_upload = [](grpc::ServerContext& context, const v1::GetUploadRequest&,
                            v1::GetUploadResponse&) {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", "2500");
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full");
  };
  Connection connection(*Endpoint::Parse(server.address()));
  const absl::Status status = connection.GetUpload(v1::GetUploadRequest()).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_EQ(RetryPushbackOf(status), absl::Milliseconds(2500));
  EXPECT_EQ(RetryPushbackOf(absl::UnavailableError("x")), std::nullopt);
}

}  // namespace
}  // namespace stored::client
