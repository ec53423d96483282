#pragma once

#include "storage/policy/field_checks.h"

// Limits of the contract that the server checks and that clients must know beforehand. Clients take
// them from here, because they do not include storage/.
namespace stored::marshalling {

using storage::kMaxLifetime;
using storage::kMaxMissingSources;
using storage::kMinLifetime;

}  // namespace stored::marshalling
