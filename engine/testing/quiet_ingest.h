#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "reports/stream/report_stream.h"
#include "storage/backend.h"
#include "storage/product_results.h"

namespace stored::engine {

// For tests: ingests `stream` into a run of the default product, as the store `token`, without an
// executor and without reporting progress.
inline absl::Status IngestQuietly(storage::Backend& backend, const std::string& token,
                                  const std::string& run_name, reports::ReportStream& stream,
                                  absl::Time stored_at) {
  class Quiet final : public storage::IngestObserver {
   public:
    void Progress(storage::StorePhase, int64_t, int64_t) override {}
    bool Cancelled() override { return false; }
  } quiet;
  storage::IngestRequest request;
  request.token = token;
  request.run_name = run_name;
  request.stored_at = stored_at;
  return (*backend.Results("default"))->Ingest(request, stream, quiet).status();
}

}  // namespace stored::engine
