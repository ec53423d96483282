#pragma once

#include "base/time/clock.h"
#include "engine/lanes.h"
#include "engine/products.h"
#include "engine/stores.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::services {

// The objects that the services call, and the lanes (thread pools) on which they do so. All of them
// outlive the services.
struct ServiceContext {
  storage::Backend& backend;
  storage::Spool& spool;
  engine::Stores& stores;
  engine::Products& products;
  Clock& clock;
  // Queries, which may take long, and the calls of ProductService.
  engine::WorkThreads& queries;
  // Calls about one store or upload, which are short and must not wait for queries.
  engine::WorkThreads& statuses;
  // The messages of uploads, whose bytes are written to the disk.
  engine::WorkThreads& uploads;
  // Changes of runs, which may wait for an ingest.
  engine::WorkThreads& changes;
  // Backups, one after the other. The thread waits until the client has read each message.
  engine::WorkThreads& backups;
};

}  // namespace stored::services
