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

// Tells reports apart: the first 16 bytes of a SHA-256.
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

// The stored path of a file.
class FilePaths {
 public:
  virtual ~FilePaths() = default;
  virtual std::string_view Path(FileIndex file) const = 0;
};

// Two reports are the same report when this agrees: line, column, message and file of every event
// of the bug path, annotations (in any order), checker name and report hash (CodeChecker's
// get_report_path_hash), and the discriminator. Without events, the report's own place and message
// count instead. Kept in databases: what it is made of cannot change without a migration.
ReportIdentity IdentityOf(const Report& report, const FilePaths& paths);

// A report hash for a report whose format gives none: 32 hexadecimal digits.
//
// With partial fingerprints (SARIF section 3.27.17) from those, the checker and the path.
// Otherwise, in the manner of CodeChecker's context-free hash
// (docs/analyzer/report_identification.md): file name, checker, message and the text of the
// reported line without white space; `source_line` where the source was found, else the log's
// snippet, else line and column. So a report keeps its hash when lines above it come and go, as
// long as the source or a snippet is there. What is in no file (an empty path) has its logical
// location in the place of path and line.
std::string ComputeReportHash(const Report& report, std::string_view path, const HashBasis& basis,
                              std::string_view source_line);

// Returns the hash of the `number`-th (from 1) further bug of an upload whose computed hash is
// `report_hash`: 32 hexadecimal digits.
std::string NumberedReportHash(std::string_view report_hash, uint32_t number);

}  // namespace stored::reports
