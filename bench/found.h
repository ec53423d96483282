#pragma once

#include <string>

#include "absl/status/status.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// An error where stored did not find what bench_floor printed that it found: one of them did other
// work. Nothing printed yet is no difference.
absl::Status CheckSame(const v1::StoreResult& result, const std::string& floor);

}  // namespace stored::bench
