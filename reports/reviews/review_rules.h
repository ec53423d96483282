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

// A rule of a review_status.yaml. It holds for reports that pass every filter it has, and for none
// when it has no filter.
struct ReviewRule {
  // A shell pattern for the whole untrimmed path.
  std::optional<std::string> file_path;
  std::optional<std::string> checker_name;
  // How the report hash begins.
  std::optional<std::string> report_hash;
  Review review;
};

// The rules of a report directory's review_status.yaml (CodeChecker's
// docs/analyzer/user_guide.md, "Setting with config file"). The first that holds for a report
// decides. Immutable; safe for concurrent use.
class ReviewRules {
 public:
  static constexpr size_t kMaxRules = 10'000;
  // A path, checker or hash to filter for.
  static constexpr size_t kMaxFilterBytes = 4096;
  // More of a reason is refused, as of every text of a report.
  static constexpr size_t kMaxReasonBytes = 64 << 10;

  // Reads a review_status.yaml. What is odd but does not stop it from being read is added to
  // `warnings`. INVALID_ARGUMENT names `name`, line, column, the rule's number and what is wrong;
  // RESOURCE_EXHAUSTED what is over a limit.
  static absl::StatusOr<ReviewRules> Read(const std::string& text, const std::string& name,
                                          std::vector<std::string>& warnings);

  explicit ReviewRules(std::vector<ReviewRule> rules);

  // The places of those rules that filter paths and let `path` pass, in order: found once for many
  // reports in one file. Ends early, with less, once `stop` asks for it.
  std::vector<uint32_t> OfPath(std::string_view path, const Cancellation& stop) const;

  // The first rule that holds for a report; null when none does. `of_path` is OfPath() of its file.
  const ReviewRule* FirstFor(absl::Span<const uint32_t> of_path, std::string_view checker_name,
                             std::string_view report_hash) const;

  size_t size() const { return rules_.size(); }

 private:
  std::vector<ReviewRule> rules_;
  // Places of the rules that filter paths.
  std::vector<uint32_t> with_path_;
  // The others, so that thousands of them cost a report a few look-ups: those that filter hashes,
  // by the beginning they ask for, with the lengths of such beginnings...
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_hash_;
  std::vector<size_t> hash_lengths_;
  // ...and of those that filter checkers alone, the first of each checker.
  absl::flat_hash_map<std::string, uint32_t> by_checker_;
};

}  // namespace stored::reports
