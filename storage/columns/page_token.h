#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace stored::storage {

// A page token says where the next page starts, and of which list: `list` is all that the list was
// asked by (filters), `position` what the list needs to go on. Opaque to clients; not a secret.
std::string MakePageToken(std::string_view list, std::string_view position);
// The position. INVALID_ARGUMENT when `token` was not made for `list`.
absl::StatusOr<std::string> ReadPageToken(std::string_view token, std::string_view list);

}  // namespace stored::storage
