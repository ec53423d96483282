#include "services/request_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "base/text/text.h"

namespace stored::services {
namespace {

constexpr size_t kMaxValueBytes = 200;

bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kUnimplemented;
}

}  // namespace

RequestLog::RequestLog(Clock& clock, std::string_view method, std::string peer)
    : clock_(clock), start_(clock.Monotonic()), line_(fmt::format("{} from {}", method, peer)) {}

void RequestLog::Add(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  line_ += fmt::format(" {}={}", key, Printable(value.substr(0, kMaxValueBytes)));
}

void RequestLog::Done(const absl::Status& status) {
  const double milliseconds = absl::ToDoubleMilliseconds(clock_.Monotonic() - start_);
  if (status.ok()) {
    spdlog::log(routine_ ? spdlog::level::debug : spdlog::level::info, "{}: OK in {:.1f} ms", line_,
                milliseconds);
    return;
  }
  spdlog::log(IsOurFault(status.code()) ? spdlog::level::err : spdlog::level::info,
              "{}: {} in {:.1f} ms: {}", line_, absl::StatusCodeToString(status.code()),
              milliseconds, Printable(std::string(status.message())));
}

}  // namespace stored::services
