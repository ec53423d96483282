#include "reports/collect/sources/changed_sources.h"

#include <fmt/format.h>

namespace stored::reports {
namespace {

constexpr size_t kNamedChanges = 3;
constexpr int64_t kArchivedPrecisionNs = 2'000'000'000;

}  // namespace

void ChangedSources::Add(const std::string& source, const std::string& result_file) {
  ++count_;
  if (names_.size() < kNamedChanges) names_.push_back(fmt::format("{} ({})", source, result_file));
}

std::string ChangedSources::Warning() const {
  if (count_ == 0) return "";
  const bool one = count_ == 1;
  const uint64_t more = count_ - names_.size();
  return fmt::format(
      "{} source file{} changed after the result file that names {} was written, so lines and text "
      "may not belong together; analyze again: {}{}",
      count_, one ? "" : "s", one ? "it" : "them", fmt::join(names_, ", "),
      more > 0 ? fmt::format(" and {} more", more) : "");
}

bool IsNewer(int64_t source_ns, int64_t result_ns, bool archived) {
  if (source_ns <= 0 || result_ns <= 0) return false;
  return source_ns - result_ns > (archived ? kArchivedPrecisionNs : 0);
}

}  // namespace stored::reports
