#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "base/text/text.h"

namespace stored::services {

// The limit of a status message. gRPC clients limit the size of all headers and trailers together
// (8 KiB by default), and would lose the whole status with a longer message.
inline constexpr size_t kMaxStatusMessageBytes = 2000;

// Returns a status with the same code and the same message, cut to kMaxStatusMessageBytes and with
// unprintable characters escaped.
inline grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(status.message());
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      Printable(Utf8Prefix(message, kMaxStatusMessageBytes)));
}

}  // namespace stored::services
