#pragma once

#include "absl/time/time.h"
#include "storage/garbage.h"
#include "storage/policy/product_settings.h"

// The times that decide what garbage collection removes.
namespace stored::storage {

// Bounds for the garbage of one product. A bound of InfinitePast removes nothing.
struct GcBounds {
  // Removes runs whose lifetime has ended at this time.
  absl::Time now;
  // Removes contents that were marked as unreferenced before this time.
  absl::Time marked_before = absl::InfinitePast();
  // Removes reports that were closed at or before this time.
  absl::Time closed_by = absl::InfinitePast();
  // Removes history entries that were stored at or before this time.
  absl::Time stored_by = absl::InfinitePast();
};

// Returns the bounds for a product with `settings`. `oldest_unfinished` is the time at which the
// oldest of all ENQUEUED and RUNNING stores was accepted; InfiniteFuture if there is none. A
// content that was marked stays while a store is unfinished that was accepted less than
// GarbageRules::keep_unreferenced after the mark, because its client may have been told before the
// mark that the content need not be sent.
GcBounds BoundsFor(const GarbageRules& rules, const ProductSettings& settings,
                   absl::Time oldest_unfinished);

// Bounds for store sessions: those that ended at or before these times are removed.
struct SessionGcBounds {
  absl::Time consumed_by;
  absl::Time unconsumed_by;
};

SessionGcBounds SessionBoundsFor(const GarbageRules& rules);

}  // namespace stored::storage
