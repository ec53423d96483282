#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "reports/stream/report_stream.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/product_results.h"

namespace stored::storage {

// The product that an ingest writes to. Both members outlive the ingest.
struct IngestTarget {
  // The name of the product, for messages.
  const std::string& product;
  IngestDatabase& database;
};

// ProductResults::Ingest: applies a store to its run.
//
// A run with reports is first compared without any lock: the stream is read, and the differences
// are noted. Then one write transaction writes the differences. It reads the stream again only if
// the stream has a report or a content that the database lacks. So storing the same results again
// writes a history row and little else. A run without reports (or a store with `force`) needs no
// comparison: the stream is read once, inside the transaction.
absl::StatusOr<StoreResult> IngestReports(const IngestTarget& target, const IngestRequest& request,
                                          reports::ReportStream& stream, IngestObserver& observer);

}  // namespace stored::storage
