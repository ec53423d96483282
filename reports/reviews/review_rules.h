#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/cancellation.h"
#include "reports/report.h"

namespace stored::reports {

// A rule of a review_status.yaml. It applies to reports that pass all its filters; a rule without
// filters applies to no report.
struct ReviewRule {
  // A shell pattern that must match the whole untrimmed path.
  std::optional<std::string> file_path;
  std::optional<std::string> checker_name;
  // The text with which the report hash must begin.
  std::optional<std::string> report_hash;
  Review review;
};

// The rules of a report directory's review_status.yaml (CodeChecker's docs/analyzer/user_guide.md,
// "Setting with config file"). The first rule that applies to a report decides its review status.
// Immutable; safe for concurrent use.
class ReviewRules {
 public:
  static constexpr size_t kMaxRules = 10'000;
  // The limit for a path, checker or hash in a filter.
  static constexpr size_t kMaxFilterBytes = 4096;
  // The limit for the reason of a rule. It is below Limits::max_text_bytes, which reports have.
  static constexpr size_t kMaxReasonBytes = 64 << 10;

  // Reads a review_status.yaml. Adds warnings about oddities with which it can still be read.
  // INVALID_ARGUMENT names `name`, line, column, the rule's number and the fault;
  // RESOURCE_EXHAUSTED if a limit is exceeded.
  static absl::StatusOr<ReviewRules> Read(const std::string& text, const std::string& name,
                                          std::vector<std::string>& warnings);

  explicit ReviewRules(std::vector<ReviewRule> rules);

  // Returns the indices of the rules that filter paths and match `path`, in order. One call serves
  // all reports in a file. Returns early, with fewer indices, after `stop` is requested.
  std::vector<uint32_t> OfPath(std::string_view path, const Cancellation& stop) const;

  // Returns the first rule that applies to a report, or null. `of_path` is OfPath() of its file.
  const ReviewRule* FirstFor(absl::Span<const uint32_t> of_path, std::string_view checker_name,
                             std::string_view report_hash) const;

  size_t size() const { return rules_.size(); }

 private:
  std::vector<ReviewRule> rules_;
  // Indices of the rules that filter paths. The members after this one index the other rules, so
  // that thousands of them cost only a few look-ups per report.
  std::vector<uint32_t> with_path_;
  // The rules that filter hashes, by the beginning of the hash, and the lengths of all beginnings.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_hash_;
  std::vector<size_t> hash_lengths_;
  // The first rule for each checker, of those that filter only checkers.
  absl::flat_hash_map<std::string, uint32_t> by_checker_;
};

}  // namespace stored::reports
