#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace stored {

// When whoever got an error should ask again; negative: not at all. It travels with the status, and
// between client and server as the trailer `grpc-retry-pushback-ms` (gRFC A6).
void SetRetryPushback(absl::Status& status, absl::Duration pushback);
// Nothing where the error says nothing about it.
std::optional<absl::Duration> RetryPushbackOf(const absl::Status& status);

}  // namespace stored
