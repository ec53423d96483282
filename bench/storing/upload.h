#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/benchmark.h"
#include "bench/process.h"
#include "stored/v1/store_service.pb.h"

namespace stored::bench {

// An upload that ended COMPLETED.
struct Uploaded {
  Cost client;
  v1::StoreStatus status;
};

// storectl upload PATH, until the store has ended, into the run "bench". `under` is a command that
// runs storectl, with its options.
absl::StatusOr<Uploaded> Upload(const std::string& programs, Server& server,
                                const std::string& path,
                                const std::vector<std::string>& under = {});

// The same into a new server, whose data go with it.
absl::StatusOr<Uploaded> UploadAnew(const Context& context, const std::string& path,
                                    const std::vector<std::string>& under = {});

}  // namespace stored::bench
