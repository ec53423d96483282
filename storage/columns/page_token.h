#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace stored::storage {

// Returns a token for the page that starts at `position`, which each list encodes as it likes.
// `list` identifies the list: its name and all filters of the request. A token is valid for one
// list only. Tokens are opaque to clients, but not secret.
std::string MakePageToken(std::string_view list, std::string_view position);
// Returns the token's position. INVALID_ARGUMENT if `token` was not made for `list`.
absl::StatusOr<std::string> ReadPageToken(std::string_view token, std::string_view list);

}  // namespace stored::storage
