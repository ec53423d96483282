#pragma once

#include "storage/policy/field_checks.h"

// Limits of the contract that clients keep to as well, in one place for both sides.
namespace stored::marshalling {

using storage::kMaxLifetime;
using storage::kMaxMissingSources;
using storage::kMinLifetime;

}  // namespace stored::marshalling
