#include "reports/checkers/checker_table.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <tuple>

namespace stored::reports {
namespace {

// Returns the severity that `word` names. A word that names none is a compile error.
consteval Severity SeverityOfWord(std::string_view word) {
  if (word.empty() || word == "unspecified") return Severity::kUnspecified;
  if (word == "style") return Severity::kStyle;
  if (word == "low") return Severity::kLow;
  if (word == "medium") return Severity::kMedium;
  if (word == "high") return Severity::kHigh;
  if (word == "critical") return Severity::kCritical;
  throw std::logic_error("unknown severity");
}

consteval CheckerFacts Row(std::string_view analyzer, std::string_view checker,
                           std::string_view severity, std::string_view profiles,
                           std::string_view rules, std::string_view documentation) {
  return {analyzer, checker, SeverityOfWord(severity), profiles, rules, documentation};
}

constexpr CheckerFacts kTable[] = {
// embed.sed makes these rows from checkers.tsv.
#include "checker_rows.inc"
};

constexpr bool Before(const CheckerFacts& a, const CheckerFacts& b) {
  return std::tie(a.checker, a.analyzer) < std::tie(b.checker, b.analyzer);
}
static_assert(std::adjacent_find(std::begin(kTable), std::end(kTable),
                                 [](const CheckerFacts& a, const CheckerFacts& b) {
                                   return !Before(a, b);
                                 }) == std::end(kTable),
              "checkers.tsv is not sorted by checker and analyzer, or has one twice");

constexpr std::string_view kBoundaries = "-./";

absl::Span<const CheckerFacts> EntriesOf(std::string_view checker) {
  const auto [first, last] = std::equal_range(
      std::begin(kTable), std::end(kTable), CheckerFacts{.checker = checker},
      [](const CheckerFacts& a, const CheckerFacts& b) { return a.checker < b.checker; });
  return absl::MakeConstSpan(first, last);
}

const CheckerFacts* OfAnalyzer(absl::Span<const CheckerFacts> entries, std::string_view analyzer) {
  const auto found =
      std::find_if(entries.begin(), entries.end(),
                   [analyzer](const CheckerFacts& entry) { return entry.analyzer == analyzer; });
  return found == entries.end() ? nullptr : &*found;
}

const CheckerFacts* MostSevere(absl::Span<const CheckerFacts> entries) {
  const auto found = std::max_element(
      entries.begin(), entries.end(),
      [](const CheckerFacts& a, const CheckerFacts& b) { return a.severity < b.severity; });
  return found == entries.end() ? nullptr : &*found;
}

// Returns `name` up to its last boundary, without the boundary; empty if there is none.
std::string_view WithoutLastPart(std::string_view name) {
  const size_t boundary = name.find_last_of(kBoundaries);
  return boundary == std::string_view::npos ? std::string_view() : name.substr(0, boundary);
}

}  // namespace

absl::Span<const CheckerFacts> CheckerTable() { return kTable; }

const CheckerFacts* FindChecker(std::string_view analyzer, std::string_view checker) {
  for (std::string_view name = checker; !name.empty(); name = WithoutLastPart(name)) {
    const absl::Span<const CheckerFacts> entries = EntriesOf(name);
    if (entries.empty()) continue;
    const CheckerFacts* const own = OfAnalyzer(entries, analyzer);
    return own != nullptr ? own : MostSevere(entries);
  }
  return nullptr;
}

}  // namespace stored::reports
