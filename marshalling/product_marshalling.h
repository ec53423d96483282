#pragma once

#include "absl/status/statusor.h"
#include "storage/backend.h"
#include "stored/v1/product_service.pb.h"

// Translates between the messages of product_service.proto and the types of storage/.
namespace stored::marshalling {

// Returns the settings that the message sets. INVALID_ARGUMENT, which names the setting, if a
// retention is not a lifetime (see LifetimeFromProto). The caller checks the limits
// (storage/policy/field_checks.h).
absl::StatusOr<storage::ProductSettingsChange> FromProto(const v1::ProductSettings& settings);

v1::Product ToProto(const storage::ProductSummary& product);

}  // namespace stored::marshalling
