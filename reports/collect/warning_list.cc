#include "reports/collect/warning_list.h"

#include <fmt/format.h>

#include <utility>

#include "reports/stream/report_sink.h"

namespace stored::reports {
namespace {

// At most kMaxWarningBytes of it, no character of UTF-8 cut in two.
std::string Shortened(std::string warning) {
  static constexpr char kEllipsis[] = "...";
  if (warning.size() <= kMaxWarningBytes) return warning;
  size_t end = kMaxWarningBytes - sizeof(kEllipsis) + 1;
  while (end > 0 && (static_cast<unsigned char>(warning[end]) & 0xc0) == 0x80) --end;
  warning.resize(end);
  return warning + kEllipsis;
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
