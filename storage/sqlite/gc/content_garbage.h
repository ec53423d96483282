#pragma once

#include "absl/status/status.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Source contents that no file version mentions. A client may have been told that one is there, and
// rely on it until its store is ingested. So they are only marked at first (table `unreferenced`):
// from then on they count as missing, and an ingest that mentions one takes the mark away.
namespace stored::storage::sqlite {

// Removes contents that were marked before target.bounds.marked_before.
absl::Status RemoveMarkedContents(const GcTarget& target, ProductGarbage& removed);
absl::Status CountMarkedContents(const GcTarget& target, ProductGarbage& there);

// Marks those that have come to be mentioned nowhere.
absl::Status MarkUnreferencedContents(const GcTarget& target);

}  // namespace stored::storage::sqlite
