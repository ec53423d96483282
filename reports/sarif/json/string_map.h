#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace stored::reports::sarif {

// Allows lookup of std::string keys by std::string_view, which is not the same type as
// absl::string_view on every platform. Seeded (absl::Hash), so that a log cannot choose keys that
// collide.
struct StringHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name.
  size_t operator()(std::string_view text) const {
    return absl::Hash<absl::string_view>()(absl::string_view(text.data(), text.size()));
  }
};

template <typename T>
using StringMap = absl::flat_hash_map<std::string, T, StringHash, std::equal_to<>>;

}  // namespace stored::reports::sarif
