#include "reports/sarif/result/fingerprint.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/sha256.h"
#include "base/status.h"
#include "reports/placeholder_hash.h"

namespace stored::reports::sarif {
namespace {

constexpr size_t kHashDigits = 32;

// Semgrep writes this into every result if its user is not logged in.
constexpr std::string_view kWithheld = "requires login";

bool LooksLikeReportHash(std::string_view value) {
  return value.size() == kHashDigits && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// A run of zeros of at least this length is a placeholder, also beside other fingerprints; a
// shorter one may be a number.
constexpr size_t kPlaceholderBytes = 8;

bool SaysNothing(std::string_view value) {
  if (!IsPlaceholderHash(value)) return false;
  return value.size() >= kPlaceholderBytes || value.find('0') == std::string_view::npos;
}

// A versioned hierarchical string (section 3.5.4.2): "name/v2" is {"name", 2}. A name without a
// version is older than all versions.
struct VersionedName {
  std::string_view stem;
  uint64_t version = 0;
};

VersionedName SplitVersion(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || slash + 2 >= name.size() || name[slash + 1] != 'v') {
    return {name, 0};
  }
  VersionedName split{name.substr(0, slash), 0};
  const char* const end = name.data() + name.size();
  const auto result = std::from_chars(name.data() + slash + 2, end, split.version);
  if (result.ec != std::errc() || result.ptr != end) return {name, 0};
  return split;
}

}  // namespace

absl::Status ReadFingerprints(const JsonLog& log, JsonValue value,
                              std::vector<Fingerprint>& fingerprints) {
  const auto read = [&](std::string_view key, JsonValue field) -> absl::Status {
    if (!JsonLog::Is(field, JsonType::string)) return log.Skip(field);
    Fingerprint fingerprint{std::string(key), ""};
    STORED_RETURN_IF_ERROR(log.Read(field, "a fingerprint", fingerprint.value));
    if (fingerprint.value != kWithheld && !SaysNothing(fingerprint.value)) {
      fingerprints.push_back(std::move(fingerprint));
    }
    return absl::OkStatus();
  };
  STORED_RETURN_IF_ERROR(log.ForEachField(value, "the fingerprints", read));
  const auto is_placeholder = [](const Fingerprint& fingerprint) {
    return IsPlaceholderHash(fingerprint.value);
  };
  if (std::all_of(fingerprints.begin(), fingerprints.end(), is_placeholder)) fingerprints.clear();
  return absl::OkStatus();
}

std::vector<Fingerprint> LatestVersions(std::vector<Fingerprint> fingerprints) {
  std::stable_sort(fingerprints.begin(), fingerprints.end(),
                   [](const Fingerprint& a, const Fingerprint& b) {
                     const VersionedName x = SplitVersion(a.name);
                     const VersionedName y = SplitVersion(b.name);
                     if (x.stem != y.stem) return x.stem < y.stem;
                     const bool a_is_none = IsPlaceholderHash(a.value);
                     if (a_is_none != IsPlaceholderHash(b.value)) return !a_is_none;
                     return x.version > y.version;
                   });
  const auto same_stem = [](const Fingerprint& a, const Fingerprint& b) {
    return SplitVersion(a.name).stem == SplitVersion(b.name).stem;
  };
  fingerprints.erase(std::unique(fingerprints.begin(), fingerprints.end(), same_stem),
                     fingerprints.end());
  return fingerprints;
}

std::optional<std::string> AnalyzerReportHash(const std::vector<Fingerprint>& fingerprints) {
  for (const Fingerprint& fingerprint : fingerprints) {
    // Newer versions of clang write the first of these.
    const std::string_view name = fingerprint.name;
    const bool known =
        name == "clang/issueHash/v1" || name == "issueHash/v1" || name == "reportHash/v1";
    if (known && LooksLikeReportHash(fingerprint.value)) return fingerprint.value;
  }
  return std::nullopt;
}

std::string HashOfFingerprints(std::vector<Fingerprint> fingerprints, std::string_view checker) {
  std::optional<std::string> hash = AnalyzerReportHash(fingerprints);
  if (hash.has_value()) return *std::move(hash);
  fingerprints = LatestVersions(std::move(fingerprints));
  if (fingerprints.size() == 1 && LooksLikeReportHash(fingerprints[0].value)) {
    return std::move(fingerprints[0].value);
  }
  Sha256 digest;
  digest.Update(checker);
  // A checker's name does not have a NUL.
  digest.Update(std::string_view("\0", 1));
  digest.Update(JoinFingerprints(std::move(fingerprints)));
  return digest.Finish().Hex().substr(0, kHashDigits);
}

std::string JoinFingerprints(std::vector<Fingerprint> fingerprints) {
  std::string lines;
  for (const Fingerprint& fingerprint : LatestVersions(std::move(fingerprints))) {
    if (!lines.empty()) lines += '\n';
    lines += fingerprint.name;
    lines += '=';
    lines += fingerprint.value;
  }
  return lines;
}

}  // namespace stored::reports::sarif
