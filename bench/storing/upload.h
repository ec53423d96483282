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

// Runs storectl upload PATH, until the store has ended, into the run "bench". `under` is a command
// with options that runs storectl (such as a profiler).
absl::StatusOr<Uploaded> Upload(const std::string& programs, Server& server,
                                const std::string& path,
                                const std::vector<std::string>& under = {});

// Uploads to a new server, and removes its data afterwards.
absl::StatusOr<Uploaded> UploadAnew(const Context& context, const std::string& path,
                                    const std::vector<std::string>& under = {});

}  // namespace stored::bench
