#include "bench/found.h"

#include <fmt/format.h>

namespace stored::bench {

absl::Status CheckSame(const v1::StoreResult& result, const std::string& floor) {
  const std::string stored = fmt::format("{} {}\n", result.diagnostics(), result.reports());
  if (floor.empty() || floor == stored) return absl::OkStatus();
  return absl::InternalError(
      fmt::format("stored has {}the floor {}(diagnostics, reports)", stored, floor));
}

}  // namespace stored::bench
