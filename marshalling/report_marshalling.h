#pragma once

#include "absl/status/statusor.h"
#include "reports/report_filter.h"
#include "storage/product_results.h"
#include "stored/v1/report_service.pb.h"

// Between the messages of report_service.proto and the types behind them. Text that is not UTF-8
// goes out with U+FFFD in place of what is ill-formed.
namespace stored::marshalling {

// INVALID_ARGUMENT names the field.
absl::StatusOr<reports::ReportFilter> FromProto(const v1::ListReportsRequest& request);

v1::Run ToProto(const storage::RunSummary& run);
v1::ListRunsResponse ToProto(const storage::RunPage& page);
void FillProto(storage::ReportPage page, bool with_bug_path, v1::ListReportsResponse& response);

}  // namespace stored::marshalling
