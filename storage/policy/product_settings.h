#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace stored::storage {

// What a product may hold, and for how long.
struct ProductSettings {
  // Limits; 0 is none.
  int64_t max_runs = 0;
  // Distinct reports.
  int64_t max_reports_per_store = 0;
  // Of one payload, as it travels.
  int64_t max_bytes_per_store = 0;
  // ENQUEUED at a time.
  int64_t max_queued_stores = 0;

  // Since they were closed, and since they were stored; zero is for ever.
  absl::Duration resolved_report_retention;
  absl::Duration history_retention;

  friend bool operator==(const ProductSettings&, const ProductSettings&) = default;
};

// A change of some of them: what is not set stays.
struct ProductSettingsChange {
  std::optional<int64_t> max_runs;
  std::optional<int64_t> max_reports_per_store;
  std::optional<int64_t> max_bytes_per_store;
  std::optional<int64_t> max_queued_stores;
  std::optional<absl::Duration> resolved_report_retention;
  std::optional<absl::Duration> history_retention;

  void ApplyTo(ProductSettings& settings) const;
};

// What a store over a limit of its product gets: RESOURCE_EXHAUSTED, naming product, limit, value
// and the command that raises it. IsProductLimit tells it from a full disk.
absl::Status RunLimitError(const std::string& product, int64_t max_runs, const std::string& run);
absl::Status ReportLimitError(const std::string& product, int64_t max_reports);
absl::Status UploadSizeLimitError(const std::string& product, int64_t max_bytes);
absl::Status QueueLimitError(const std::string& product, int64_t max_queued);

bool IsProductLimit(const absl::Status& status);

}  // namespace stored::storage
