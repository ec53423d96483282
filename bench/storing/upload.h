#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "bench/process.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// An upload that ended COMPLETED.
struct Uploaded {
  Cost client;
  v1::StoreStatus status;
};

// storectl upload PATH, until the store has ended, into the run "bench".
absl::StatusOr<Uploaded> Upload(const std::string& programs, Server& server,
                                const std::string& path);

}  // namespace stored::bench
