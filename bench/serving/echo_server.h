#pragma once

#include "absl/status/statusor.h"
#include "bench/benchmark.h"
#include "bench/process.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// Starts a bare service that returns `status` to every request, so that its messages cost as much
// as stored's.
absl::StatusOr<Server> StartEchoServer(const Context& context, const v1::StoreStatus& status);

}  // namespace stored::bench
