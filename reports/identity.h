#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "base/bytes.h"
#include "reports/report.h"
#include "reports/result_file.h"

namespace stored::reports {

// Identifies a report within a run: the first 16 bytes of a SHA-256, see IdentityOf().
struct ReportIdentity {
  std::array<uint8_t, 16> bytes{};

  std::string_view Raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  friend bool operator==(const ReportIdentity&, const ReportIdentity&) = default;
  friend std::strong_ordering operator<=>(const ReportIdentity& a, const ReportIdentity& b) {
    return CompareBytes(a.bytes, b.bytes);
  }
  template <typename H>
  friend H AbslHashValue(H h, const ReportIdentity& identity) {
    return H::combine(std::move(h), identity.bytes);
  }
};

// A table of source files.
class FilePaths {
 public:
  virtual ~FilePaths() = default;
  // Returns the path of the file as stored.
  virtual std::string_view Path(FileIndex file) const = 0;
};

// Returns the identity of a report: a digest of line, column, message and file of every event of
// the bug path, the annotations (in any order), the checker name, the report hash (these are the
// parts of CodeChecker's get_report_path_hash) and the discriminator. If there are no events, the
// report's own location and message take their place. Two reports with the same identity are the
// same report. Databases keep it, so its computation cannot change without a migration.
ReportIdentity IdentityOf(const Report& report, const FilePaths& paths);

// Computes a report hash, 32 hexadecimal digits, for a report whose format gives none.
//
// If the basis has partial fingerprints (SARIF section 3.27.17), the hash is made of those, the
// checker and the path. Otherwise it is made like CodeChecker's context-free hash
// (docs/analyzer/report_identification.md), of the file name, the checker, the message, and the
// text of the reported line without white space. That text is `source_line`, or the log's snippet
// if the source was not found, or line and column if there is no snippet either. So a report keeps
// its hash when lines above it are added or removed, as long as the source or a snippet is there. A
// finding in no file (an empty path) has its logical location in place of path and line.
std::string ComputeReportHash(const Report& report, std::string_view path, const HashBasis& basis,
                              std::string_view source_line);

// Returns the report hash, 32 hexadecimal digits, of the `number`-th (from 1) further bug in an
// upload among those whose computed hash is `report_hash`.
std::string NumberedReportHash(std::string_view report_hash, uint32_t number);

}  // namespace stored::reports
