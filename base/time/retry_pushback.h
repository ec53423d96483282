#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace stored {

// Sets how long a caller that receives `status`, an error, should wait before it retries. A
// negative value means that the caller should not retry. Fractions of a millisecond are dropped.
// The value travels with the status, and between client and server as the trailer
// `grpc-retry-pushback-ms` (gRFC A6).
void SetRetryPushback(absl::Status& status, absl::Duration pushback);
// Returns nothing if the error does not have a pushback.
std::optional<absl::Duration> RetryPushbackOf(const absl::Status& status);

}  // namespace stored
