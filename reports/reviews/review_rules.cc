#include "reports/reviews/review_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/text/text.h"

namespace stored::reports {
namespace {

bool Passes(const ReviewRule& rule, std::string_view checker_name, std::string_view report_hash) {
  return (!rule.checker_name || *rule.checker_name == checker_name) &&
         (!rule.report_hash || report_hash.starts_with(*rule.report_hash));
}

}  // namespace

ReviewRules::ReviewRules(std::vector<ReviewRule> rules) : rules_(std::move(rules)) {
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const ReviewRule& rule = rules_[i];
    if (rule.file_path) {
      with_path_.push_back(i);
    } else if (rule.report_hash) {
      by_hash_[*rule.report_hash].push_back(i);
      hash_lengths_.push_back(rule.report_hash->size());
    } else if (rule.checker_name) {
      by_checker_.try_emplace(*rule.checker_name, i);
    }
  }
  std::sort(hash_lengths_.begin(), hash_lengths_.end());
  hash_lengths_.erase(std::unique(hash_lengths_.begin(), hash_lengths_.end()), hash_lengths_.end());
}

std::vector<uint32_t> ReviewRules::OfPath(std::string_view path, const Cancellation& stop) const {
  std::vector<uint32_t> places;
  for (const uint32_t place : with_path_) {
    if (stop.Requested()) break;
    const ReviewRule& rule = rules_[place];
    if (!GlobMatch(*rule.file_path, path)) continue;
    places.push_back(place);
    // This rule applies to every report in the file, so that no later rule can be the first.
    if (!rule.checker_name && !rule.report_hash) break;
  }
  return places;
}

const ReviewRule* ReviewRules::FirstFor(absl::Span<const uint32_t> of_path,
                                        std::string_view checker_name,
                                        std::string_view report_hash) const {
  size_t first = rules_.size();
  for (const uint32_t place : of_path) {
    if (!Passes(rules_[place], checker_name, report_hash)) continue;
    first = place;
    break;
  }
  for (const size_t length : hash_lengths_) {
    if (length > report_hash.size()) break;
    const auto found = by_hash_.find(absl::string_view(report_hash.data(), length));
    if (found == by_hash_.end()) continue;
    for (const uint32_t place : found->second) {
      if (place >= first) break;
      if (Passes(rules_[place], checker_name, report_hash)) first = place;
    }
  }
  const auto of_checker =
      by_checker_.find(absl::string_view(checker_name.data(), checker_name.size()));
  if (of_checker != by_checker_.end()) first = std::min<size_t>(first, of_checker->second);
  return first < rules_.size() ? &rules_[first] : nullptr;
}

}  // namespace stored::reports
