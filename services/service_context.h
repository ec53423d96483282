#pragma once

#include "base/time/clock.h"
#include "engine/lanes.h"
#include "engine/products.h"
#include "engine/stores.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::services {

// The objects that the services work with. All of it outlives them.
struct ServiceContext {
  storage::Backend& backend;
  storage::Spool& spool;
  engine::Stores& stores;
  engine::Products& products;
  Clock& clock;
  // Queries, which may take long.
  engine::WorkThreads& queries;
  // Reads and changes of the queue, which are short and must not wait for queries.
  engine::WorkThreads& statuses;
  // Messages of uploads, which wait for the disk.
  engine::WorkThreads& uploads;
  // Changes that wait for an ingest.
  engine::WorkThreads& changes;
  // Backups, one after the other; each waits for its client.
  engine::WorkThreads& backups;
};

}  // namespace stored::services
