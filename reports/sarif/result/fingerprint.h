#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A property of a result's fingerprints or partialFingerprints (SARIF sections 3.27.16, 3.27.17).
struct Fingerprint {
  std::string name;
  std::string value;
};

// Appends the fingerprints in `value`. Leaves out values that are not strings, that say that the
// fingerprint is withheld, or that are empty of content (zeros, white space). If all are zeros,
// none remains.
absl::Status ReadFingerprints(const JsonLog& log, JsonValue value,
                              std::vector<Fingerprint>& fingerprints);

// Returns the fingerprints sorted by name. Of "x/v1", "x/v2", ... only the last version with
// content remains: a tool that starts to write a newer version beside the old one must not change
// the identity of findings more than once.
std::vector<Fingerprint> LatestVersions(std::vector<Fingerprint> fingerprints);

// Returns the report hash that clang's analyzer or CodeChecker computed, if it is among the
// fingerprints. With it, the same finding has the same hash in every format.
std::optional<std::string> AnalyzerReportHash(const std::vector<Fingerprint>& fingerprints);

// Returns the report hash that follows from a result's fingerprints: their value if there is one
// and it looks like a report hash (32 lower-case hexadecimal digits), else 32 digits of a SHA-256
// over checker and fingerprints. REQUIRES: !fingerprints.empty().
std::string HashOfFingerprints(std::vector<Fingerprint> fingerprints, std::string_view checker);

// Returns HashBasis::partial_fingerprints.
std::string JoinFingerprints(std::vector<Fingerprint> fingerprints);

}  // namespace stored::reports::sarif
