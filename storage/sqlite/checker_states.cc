#include "storage/sqlite/checker_states.h"

namespace stored::storage {
namespace {

constexpr std::string_view kNeverListed = "clang-diagnostic-";

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
  const auto found = enabled_.find(checker);
  if (found == enabled_.end()) {
    enabled_.emplace(std::string(checker), true);
  } else {
    found->second = true;
  }
}

ReportState CheckerStates::StateOfMissing(std::string_view checker) const {
  const auto found = enabled_.find(checker);
  if (found != enabled_.end()) return found->second ? ReportState::kResolved : ReportState::kOff;
  if (!listed_ || checker.starts_with(kNeverListed)) return ReportState::kResolved;
  return ReportState::kUnavailable;
}

}  // namespace stored::storage
