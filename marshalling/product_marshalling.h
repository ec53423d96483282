#pragma once

#include "absl/status/statusor.h"
#include "storage/backend.h"
#include "stored/v1/product_service.pb.h"

// Between the messages of product_service.proto and the types behind them.
namespace stored::marshalling {

// What is set. INVALID_ARGUMENT names the setting that is out of its range.
absl::StatusOr<storage::ProductSettingsChange> FromProto(const v1::ProductSettings& settings);

v1::Product ToProto(const storage::ProductSummary& product);

}  // namespace stored::marshalling
