#pragma once

#include "absl/status/status.h"
#include "storage/garbage.h"
#include "storage/sqlite/gc/gc_transaction.h"

// Garbage among source contents: those that no file version refers to. A client may have been told
// that the product has a content, and relies on that until its store is ingested. So a content is
// only marked at first (table `unreferenced`). A marked content counts as missing; an ingest that
// refers to it removes the mark.
namespace stored::storage::sqlite {

// Remove or count contents that were marked before target.bounds.marked_before.
absl::Status RemoveMarkedContents(const GcTarget& target, ProductGarbage& removed);
absl::Status CountMarkedContents(const GcTarget& target, ProductGarbage& counted);

// Marks the contents that no file version refers to any more.
absl::Status MarkUnreferencedContents(const GcTarget& target);

}  // namespace stored::storage::sqlite
