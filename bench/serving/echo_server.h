#pragma once

#include "absl/status/statusor.h"
#include "bench/benchmark.h"
#include "bench/process.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// A bare service that answers `status` to whoever asks, so that its messages cost what stored's do.
absl::StatusOr<Server> StartEchoServer(const Context& context, const v1::StoreStatus& status);

}  // namespace stored::bench
