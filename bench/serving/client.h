#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/serving/content.h"
#include "stored/v1/store_service.grpc.pb.h"

// The load, which is the same for stored and for the floor: gRPC and nothing else.
namespace stored::bench {

absl::Status ToAbsl(const grpc::Status& status);

// Returns a channel with a connection of its own, which is made at the first call.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& address);

// Sends an upload to its end and returns the token.
absl::StatusOr<std::string> Upload(v1::StoreService::Stub& stub, const std::string& run,
                                   const Content& content,
                                   v1::PayloadFormat format = v1::PAYLOAD_FORMAT_BUNDLE);
absl::StatusOr<v1::StoreStatus> GetStatus(v1::StoreService::Stub& stub, const std::string& token);
// Waits for the end of a store, whether it is COMPLETED or not.
absl::StatusOr<v1::StoreStatus> AwaitEnd(v1::StoreService::Stub& stub, const std::string& token);
// Waits for the end of a store. Returns an error unless it is COMPLETED.
absl::Status AwaitCompletion(v1::StoreService::Stub& stub, const std::string& token);

}  // namespace stored::bench
