#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace stored::storage {

// The limits of a product, and how long it keeps closed reports and old history entries.
struct ProductSettings {
  // Limits; 0 is no limit.
  int64_t max_runs = 0;
  // Counts distinct reports.
  int64_t max_reports_per_store = 0;
  // Size of one payload as it is sent (compressed).
  int64_t max_bytes_per_store = 0;
  // Stores that are ENQUEUED at a time.
  int64_t max_queued_stores = 0;

  // The time that reports are kept after they were closed, and history entries after they were
  // stored; zero is for ever.
  absl::Duration resolved_report_retention;
  absl::Duration history_retention;

  friend bool operator==(const ProductSettings&, const ProductSettings&) = default;
};

// Returns the settings of a new product: no limits, and history for 400 days, so that a comparison
// with the year before always has its baseline. Products of older versions keep what they had.
ProductSettings NewProductSettings();

// A change of some settings. A member that is not set leaves its setting as it is.
struct ProductSettingsChange {
  std::optional<int64_t> max_runs;
  std::optional<int64_t> max_reports_per_store;
  std::optional<int64_t> max_bytes_per_store;
  std::optional<int64_t> max_queued_stores;
  std::optional<absl::Duration> resolved_report_retention;
  std::optional<absl::Duration> history_retention;

  void ApplyTo(ProductSettings& settings) const;
};

// Return the error of a store that exceeds a limit of its product: RESOURCE_EXHAUSTED, with a
// message that names the product, the limit, its value and the command that raises it.
// IsProductLimit() tells these errors from that of a full disk.
absl::Status RunLimitError(const std::string& product, int64_t max_runs, const std::string& run);
absl::Status ReportLimitError(const std::string& product, int64_t max_reports);
absl::Status UploadSizeLimitError(const std::string& product, int64_t max_bytes);
absl::Status QueueLimitError(const std::string& product, int64_t max_queued);

bool IsProductLimit(const absl::Status& status);

}  // namespace stored::storage
