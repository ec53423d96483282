#pragma once

#include "absl/status/statusor.h"
#include "reports/report_filter.h"
#include "storage/product_results.h"
#include "stored/v1/report_service.pb.h"

// Translates between the messages of report_service.proto and the types of storage/. Text that is
// not UTF-8 is sent with U+FFFD in place of the ill-formed parts.
namespace stored::marshalling {

// Returns the filters of the request. INVALID_ARGUMENT, which names the field, if one is malformed
// or too large.
absl::StatusOr<reports::ReportFilter> FromProto(const v1::ListReportsRequest& request);

// Sets the query's snapshot. INVALID_ARGUMENT, which names the field, if the request's is
// malformed.
absl::Status ReadSnapshot(const v1::ListReportsRequest& request, storage::ReportQuery& query);

// Returns the query without its limits. INVALID_ARGUMENT, which names the field, if a field is
// malformed.
absl::StatusOr<storage::ComparisonQuery> FromProto(const v1::CompareRunsRequest& request);

v1::Snapshot ToProto(const storage::Snapshot& snapshot);
v1::Run ToProto(const storage::RunSummary& run);
v1::ListRunsResponse ToProto(const storage::RunPage& page);
v1::HistoryEntry ToProto(const storage::EntrySummary& entry);
v1::ListRunHistoryResponse ToProto(const storage::HistoryPage& page);
// Moves the page into `response`, so that no text is copied.
void FillProto(storage::ReportPage page, bool with_bug_path, v1::ListReportsResponse& response);
void FillProto(storage::RunComparison comparison, bool with_bug_path,
               v1::CompareRunsResponse& response);

}  // namespace stored::marshalling
