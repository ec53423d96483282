#include "base/time/retry_pushback.h"

#include <fmt/format.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

namespace stored {
namespace {

constexpr char kPayload[] = "stored.retry_pushback_ms";

}  // namespace

void SetRetryPushback(absl::Status& status, absl::Duration pushback) {
  status.SetPayload(kPayload, absl::Cord(fmt::format("{}", absl::ToInt64Milliseconds(pushback))));
}

std::optional<absl::Duration> RetryPushbackOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  int64_t milliseconds = -1;
  if (!absl::SimpleAtoi(std::string(*payload), &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

}  // namespace stored
