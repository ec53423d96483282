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

// What a store changes about its run, found without writing: which reports of the stream the write
// has to look at again, while PresentReports has been marked with what the stream has.
struct Comparison {
  Upload upload;
  // By place in the stream: a report that is not in the run, or whose content or review changed.
  std::vector<bool> to_write;
  bool any_to_write = false;
  // Contents that the stream carries.
  absl::flat_hash_set<Sha256Digest> carried;
  // Distinct reports, by what becomes of them.
  int32_t new_reports = 0;
  int32_t unresolved_reports = 0;
  int32_t reopened_reports = 0;
};

// Reads a stream and compares it with `present`, which it marks. What it holds beside `present`
// is a bit a report, and 16 bytes a report that is not there yet. Errors are the stream's, the
// limit's, or CANCELLED.
absl::StatusOr<Comparison> Compare(reports::Reading& reading, PresentReports& present,
                                   const ReportLimit& limit, IngestObserver& observer);

}  // namespace stored::storage
