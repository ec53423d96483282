#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "bench/benchmark.h"

namespace stored::bench {

// Benchmarks of storing: the time until results are stored.
std::vector<Benchmark> StoringBenchmarks();

// One function for each benchmark; see storing_benchmarks.cc.
absl::StatusOr<std::vector<Measured>> BenchStore(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreAgain(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreChanged(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchStoreSmall(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchIngest(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchLists(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchGrowth(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchSarif(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchInstructions(const Context& context);
absl::StatusOr<std::vector<Measured>> BenchPeer(const Context& context);

}  // namespace stored::bench
