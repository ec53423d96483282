#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "bench/benchmark.h"

namespace stored::bench {

// Each is a Benchmark::run.
absl::StatusOr<std::vector<Measured>> BenchStore(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreAgain(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreChanged(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreSmall(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchIngest(const Context& context);

}  // namespace stored::bench
