#include "storage/policy/retention.h"

#include <algorithm>

namespace stored::storage {
namespace {

// A retention of zero is for ever.
absl::Time NowMinus(absl::Time now, absl::Duration retention) {
  return retention > absl::ZeroDuration() ? now - retention : absl::InfinitePast();
}

}  // namespace

GcBounds BoundsFor(const GarbageRules& rules, const ProductSettings& settings,
                   absl::Time oldest_unfinished) {
  GcBounds bounds;
  bounds.now = rules.now;
  bounds.marked_before = std::min(rules.now, oldest_unfinished) - rules.keep_unreferenced;
  bounds.closed_by = NowMinus(rules.now, settings.resolved_report_retention);
  bounds.stored_by = NowMinus(rules.now, settings.history_retention);
  return bounds;
}

SessionGcBounds SessionBoundsFor(const GarbageRules& rules) {
  return {rules.now - rules.keep_consumed, rules.now - rules.keep_unconsumed};
}

}  // namespace stored::storage
