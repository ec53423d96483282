#include "services/call.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <optional>

#include "base/text/text.h"
#include "base/time/retry_pushback.h"
#include "services/grpc_status.h"

namespace stored::services {
namespace {

constexpr size_t kMaxValueBytes = 200;

bool IsServerFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kUnimplemented;
}

}  // namespace

Call::Call(Clock& clock, grpc::CallbackServerContext* rpc, std::string_view method)
    : clock_(clock),
      rpc_(rpc),
      start_(clock.Monotonic()),
      line_(fmt::format("{} from {}", method, rpc->peer())) {}

void Call::Add(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  line_ += fmt::format(" {}={}", key, Printable(Utf8Prefix(value, kMaxValueBytes)));
}

grpc::Status Call::End(const absl::Status& status) {
  const double milliseconds = absl::ToDoubleMilliseconds(clock_.Monotonic() - start_);
  if (status.ok()) {
    spdlog::log(routine_ ? spdlog::level::debug : spdlog::level::info, "{}: OK in {:.1f} ms", line_,
                milliseconds);
    return grpc::Status::OK;
  }
  spdlog::log(IsServerFault(status.code()) ? spdlog::level::err : spdlog::level::info,
              "{}: {} in {:.1f} ms: {}", line_, absl::StatusCodeToString(status.code()),
              milliseconds, Printable(std::string(status.message())));
  if (const std::optional<absl::Duration> pushback = RetryPushbackOf(status)) {
    rpc_->AddTrailingMetadata("grpc-retry-pushback-ms",
                              fmt::format("{}", absl::ToInt64Milliseconds(*pushback)));
  }
  return ToGrpc(status);
}

}  // namespace stored::services
