#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// Whether `uri` starts with a scheme (RFC 3986 section 3.1). A single letter before the colon is a
// Windows drive, not a scheme: tools write "C:/x" where a URI is asked for.
bool HasScheme(std::string_view uri);

// Returns the path that a URI or a URI reference names, '/' between names, "." and ".." resolved:
// file:///a/b%20c -> /a/b c, file:///C:/x or file:///C|/x -> C:/x, file://host/x or file:////host/x
// -> //host/x, a/../b -> b, ./ -> ".". Its query and fragment are no part of it. Paths that are put
// where a URI is asked for are taken too: C:\x and \\?\C:\x -> C:/x, file://<stdin> -> <stdin>.
// Malformed percent-encodings are kept as they stand, as are URIs of other schemes. Empty for a URI
// that names nothing. INVALID_ARGUMENT when it encodes a NUL.
absl::StatusOr<std::string> PathOfUri(std::string_view uri);

// A run's originalUriBaseIds (SARIF section 3.14.14): what relative URIs are relative to.
class UriBases {
 public:
  // The base `id` is at `uri`, itself relative to the base `base_id` unless that is empty. An
  // empty `uri` says that the base is not known.
  void Add(std::string id, std::string uri, std::string base_id);

  // `uri` below the base `base_id` and the bases that one is relative to, as far as they are known;
  // `uri` itself when it is absolute, or when the chain does not end.
  std::string Resolve(std::string_view uri, std::string_view base_id) const;

 private:
  struct Base {
    std::string uri;
    std::string base_id;
  };
  StringMap<Base> bases_;
};

}  // namespace stored::reports::sarif
