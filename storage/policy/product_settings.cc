#include "storage/policy/product_settings.h"

#include <fmt/format.h>

#include <string_view>

#include "absl/strings/cord.h"
#include "base/text/text.h"

namespace stored::storage {
namespace {

// The payload of a status that IsProductLimit() looks for.
constexpr char kLimitPayload[] = "stored.product_limit";

absl::Status LimitError(const std::string& product, const std::string& what,
                        std::string_view advice, std::string_view option) {
  absl::Status status = absl::ResourceExhaustedError(
      fmt::format("product \"{}\" {}: {}raise it with: storectl products set {} --{} N", product,
                  what, advice, product, option));
  status.SetPayload(kLimitPayload, absl::Cord(std::string(option)));
  return status;
}

}  // namespace

ProductSettings NewProductSettings() {
  ProductSettings settings;
  settings.history_retention = absl::Hours(24) * 400;
  return settings;
}

void ProductSettingsChange::ApplyTo(ProductSettings& settings) const {
  settings.max_runs = max_runs.value_or(settings.max_runs);
  settings.max_reports_per_store = max_reports_per_store.value_or(settings.max_reports_per_store);
  settings.max_bytes_per_store = max_bytes_per_store.value_or(settings.max_bytes_per_store);
  settings.max_queued_stores = max_queued_stores.value_or(settings.max_queued_stores);
  settings.resolved_report_retention =
      resolved_report_retention.value_or(settings.resolved_report_retention);
  settings.history_retention = history_retention.value_or(settings.history_retention);
}

absl::Status RunLimitError(const std::string& product, int64_t max_runs, const std::string& run) {
  return LimitError(product,
                    fmt::format("has {} runs, its limit, and \"{}\" would be a new one", max_runs,
                                Printable(run)),
                    "store into an existing one, remove one (storectl runs rm RUN), or ",
                    "max-runs");
}

absl::Status ReportLimitError(const std::string& product, int64_t max_reports) {
  return LimitError(product, fmt::format("takes {} distinct reports in one store", max_reports),
                    "this one has more; store parts of it into runs of their own, or ",
                    "max-reports-per-store");
}

absl::Status UploadSizeLimitError(const std::string& product, int64_t max_bytes) {
  return LimitError(product, fmt::format("takes {} bytes in one upload", max_bytes),
                    "this one has more; ", "max-bytes-per-store");
}

absl::Status QueueLimitError(const std::string& product, int64_t max_queued) {
  return LimitError(product, fmt::format("has {} stores waiting, its limit", max_queued),
                    "try again later, or ", "max-queued-stores");
}

bool IsProductLimit(const absl::Status& status) {
  return status.GetPayload(kLimitPayload).has_value();
}

}  // namespace stored::storage
