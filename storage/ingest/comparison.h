#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "reports/stream/report_stream.h"
#include "storage/ingest/present_run.h"
#include "storage/ingest/upload_sink.h"
#include "storage/product_results.h"

namespace stored::storage {

// The differences between a store and its run, found before the write transaction. The reports of
// the run that the stream has too are marked in PresentReports.
struct Comparison {
  Upload upload;
  // Indexed by the place in the stream: true for a report that must be written, because the run
  // lacks it or has it with another content or review.
  std::vector<bool> to_write;
  bool any_to_write = false;
  // Digests of the contents that the stream has.
  absl::flat_hash_set<Sha256Digest> carried;
  // Counts of distinct reports, by their new detection status.
  int32_t new_reports = 0;
  int32_t unresolved_reports = 0;
  int32_t reopened_reports = 0;
};

// Reads a stream and compares it with `present`, which it marks. Uses one bit of memory for each
// report of the stream, and 16 bytes more for each that `present` lacks. Returns errors of the
// stream and of the limit; CANCELLED if the observer asks for it.
absl::StatusOr<Comparison> Compare(reports::Reading& reading, PresentReports& present,
                                   const ReportLimit& limit, IngestObserver& observer);

}  // namespace stored::storage
