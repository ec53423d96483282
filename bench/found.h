#pragma once

#include <string>

#include "absl/status/status.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// Returns an error if stored found other numbers than bench_floor printed: then the two did
// different work. An empty `floor` counts as equal.
absl::Status CheckSame(const v1::StoreResult& result, const std::string& floor);

}  // namespace stored::bench
