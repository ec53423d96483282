#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "base/text/text.h"

namespace stored::services {

// gRPC clients limit the size of headers and trailers; a longer message would lose the whole
// status.
inline constexpr size_t kMaxStatusMessageBytes = 2000;

// Returns a status with the same code and with a message that is cut and printable.
inline grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(status.message().substr(0, kMaxStatusMessageBytes));
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), Printable(message));
}

}  // namespace stored::services
