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

// Appends. What is not a string, says that the fingerprint is withheld, or says nothing (zeros,
// white space), is left out; nothing is left where all are zeros.
absl::Status ReadFingerprints(const JsonLog& log, JsonValue value,
                              std::vector<Fingerprint>& fingerprints);

// Sorted by name, and of "x/v1", "x/v2", ... the last version alone that
// says something: a tool that starts to write a
// newer one beside the old must not change who is who more than once.
std::vector<Fingerprint> LatestVersions(std::vector<Fingerprint> fingerprints);

// The report hash that clang's analyzer or CodeChecker computed, where they wrote it among the
// fingerprints: the same finding has the same hash, whichever format it came in.
std::optional<std::string> AnalyzerReportHash(const std::vector<Fingerprint>& fingerprints);

// The report hash that a result's `fingerprints` (not empty) amount to: their value where it is one
// and looks like a report hash, 32 lower-case hexadecimal digits, else 32 digits of a SHA-256 over
// checker and fingerprints.
std::string HashOfFingerprints(std::vector<Fingerprint> fingerprints, std::string_view checker);

// HashBasis::partial_fingerprints.
std::string JoinFingerprints(std::vector<Fingerprint> fingerprints);

}  // namespace stored::reports::sarif
