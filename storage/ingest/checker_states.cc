#include "storage/ingest/checker_states.h"

#include "absl/strings/string_view.h"

namespace stored::storage {
namespace {

constexpr std::string_view kNeverListed = "clang-diagnostic-";

// Debian's Abseil looks up absl::string_view only.
absl::string_view Key(std::string_view name) { return {name.data(), name.size()}; }

}  // namespace

void CheckerStates::AddAnalysis(const reports::Analysis& analysis) {
  for (const reports::AnalyzerRun& analyzer : analysis.analyzers) {
    for (const reports::CheckerState& checker : analyzer.checkers) {
      listed_ = true;
      bool& enabled = enabled_[checker.name];
      enabled = enabled || checker.enabled;
    }
  }
}

void CheckerStates::AddReported(std::string_view checker) {
  const auto found = enabled_.find(Key(checker));
  if (found == enabled_.end()) {
    enabled_.emplace(std::string(checker), true);
  } else {
    found->second = true;
  }
}

ReportState CheckerStates::StateOfMissing(std::string_view checker) const {
  const auto found = enabled_.find(Key(checker));
  if (found != enabled_.end()) return found->second ? ReportState::kResolved : ReportState::kOff;
  if (!listed_ || checker.starts_with(kNeverListed)) return ReportState::kResolved;
  return ReportState::kUnavailable;
}

}  // namespace stored::storage
