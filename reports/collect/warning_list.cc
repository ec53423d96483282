#include "reports/collect/warning_list.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text/text.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {
namespace {

// Returns `warning`; one longer than kMaxWarningBytes is cut to that and ends with "...".
std::string Shortened(std::string warning) {
  static constexpr std::string_view kEllipsis = "...";
  if (warning.size() <= kMaxWarningBytes) return warning;
  warning.resize(Utf8Prefix(warning, kMaxWarningBytes - kEllipsis.size()).size());
  warning += kEllipsis;
  return warning;
}

}  // namespace

void WarningList::Add(std::string warning) {
  ++total_;
  if (total_ <= kMaxWarnings) warnings_.push_back(Shortened(std::move(warning)));
  CountRest();
}

void WarningList::AddFirst(std::string warning) {
  ++total_;
  warnings_.insert(warnings_.begin(), Shortened(std::move(warning)));
  if (warnings_.size() > kMaxWarnings) warnings_.pop_back();
  CountRest();
}

void WarningList::CountRest() {
  if (total_ <= kMaxWarnings) return;
  warnings_.back() = fmt::format("{} more warnings", total_ - (kMaxWarnings - 1));
}

}  // namespace stored::reports
