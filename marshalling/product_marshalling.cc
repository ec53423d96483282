#include "marshalling/product_marshalling.h"

#include "base/status.h"
#include "marshalling/time_marshalling.h"

namespace stored::marshalling {

absl::StatusOr<storage::ProductSettingsChange> FromProto(const v1::ProductSettings& settings) {
  storage::ProductSettingsChange change;
  if (settings.has_max_runs()) change.max_runs = settings.max_runs();
  if (settings.has_max_reports_per_store()) {
    change.max_reports_per_store = settings.max_reports_per_store();
  }
  if (settings.has_max_bytes_per_store()) {
    change.max_bytes_per_store = settings.max_bytes_per_store();
  }
  if (settings.has_max_queued_stores()) change.max_queued_stores = settings.max_queued_stores();
  if (settings.has_resolved_report_retention()) {
    STORED_ASSIGN_OR_RETURN(change.resolved_report_retention,
                            LifetimeFromProto(settings.resolved_report_retention(),
                                              "settings.resolved_report_retention"));
  }
  if (settings.has_history_retention()) {
    STORED_ASSIGN_OR_RETURN(
        change.history_retention,
        LifetimeFromProto(settings.history_retention(), "settings.history_retention"));
  }
  return change;
}

v1::Product ToProto(const storage::ProductSummary& product) {
  v1::Product out;
  out.set_name(product.name);
  *out.mutable_created_at() = ToProto(product.created_at);
  out.set_run_count(product.run_count);
  out.set_database_size(product.database_bytes);
  v1::ProductSettings& settings = *out.mutable_settings();
  settings.set_max_runs(product.settings.max_runs);
  settings.set_max_reports_per_store(product.settings.max_reports_per_store);
  settings.set_max_bytes_per_store(product.settings.max_bytes_per_store);
  settings.set_max_queued_stores(product.settings.max_queued_stores);
  *settings.mutable_resolved_report_retention() =
      ToProto(product.settings.resolved_report_retention);
  *settings.mutable_history_retention() = ToProto(product.settings.history_retention);
  return out;
}

}  // namespace stored::marshalling
