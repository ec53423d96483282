#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "reports/stream/report_stream.h"
#include "storage/product_results.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {

struct IngestTarget {
  const std::string& product;
  Writer& writer;
  ReaderPool& readers;
};

// ProductResults::Ingest: applies a store to its run.
//
// A run with reports is compared first, which holds no lock: the stream is read, and what differs
// is noted. Then, in one write transaction, what differs is written, for which the stream is read
// again only when it has something that the database lacks. So storing the same results again
// writes a history row and little else. A run without reports (or with `force`) needs no comparing:
// the stream is read once, inside the transaction.
absl::StatusOr<StoreResult> IngestReports(const IngestTarget& target, const IngestRequest& request,
                                          reports::ReportStream& stream, IngestObserver& observer);

}  // namespace stored::storage::sqlite
