#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// Returns true if `uri` starts with a scheme (RFC 3986 section 3.1). A single letter before the
// colon is a Windows drive, not a scheme: tools write "C:/x" where SARIF requires a URI.
bool HasScheme(std::string_view uri);

// Returns the path that a URI or a URI reference names, with '/' between names, and "." and ".."
// resolved: file:///a/b%20c -> /a/b c, file:///C:/x or file:///C|/x -> C:/x, file://host/x or
// file:////host/x -> //host/x, a/../b -> b, ./ -> ".". Drops the query and the fragment. Accepts
// paths that tools write in place of URIs: C:\x and \\?\C:\x -> C:/x, file://<stdin> -> <stdin>.
// Keeps malformed percent-encodings and URIs of other schemes unchanged. Returns an empty path for
// a URI that names nothing. INVALID_ARGUMENT if the URI encodes a NUL.
absl::StatusOr<std::string> PathOfUri(std::string_view uri);

// A run's originalUriBaseIds (SARIF section 3.14.14): the bases of relative URIs.
class UriBases {
 public:
  // Adds the base `id` at `uri`, which is itself relative to the base `base_id` unless that is
  // empty. An empty `uri` means that the base is unknown.
  void Add(std::string id, std::string uri, std::string base_id);

  // Returns `uri` below the base `base_id` and the known bases that it is relative to. Returns
  // `uri` itself if it is absolute, or if the chain of bases has a cycle.
  std::string Resolve(std::string_view uri, std::string_view base_id) const;

 private:
  struct Base {
    std::string uri;
    std::string base_id;
  };
  StringMap<Base> bases_;
};

}  // namespace stored::reports::sarif
