#pragma once

#include <memory>

#include "base/time/clock.h"
#include "engine/intake/upload_receiver.h"
#include "engine/lanes.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/work/executor.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace grpc {
class Service;
}

namespace stored::services {

// What the services work with. All of it outlives them.
struct ServiceContext {
  storage::Backend& store;
  storage::Spool& spool;
  engine::StatusHub& hub;
  engine::Executor& executor;
  engine::PollAdvice& advice;
  Clock& clock;
  // For queries, which may take long; for the state of stores, which never does and shall not wait
  // for them; for uploads, which wait for the disk; for what is written down of a store that has
  // ended, which nobody waits for; for changes that wait for an ingest; and for backups, which wait
  // for their clients, one after the other.
  engine::WorkThreads& queries;
  engine::WorkThreads& statuses;
  engine::WorkThreads& uploads;
  engine::WorkThreads& notes;
  engine::WorkThreads& changes;
  engine::WorkThreads& backups;
  engine::UploadLimits upload_limits;
};

// StoreService over gRPC's callback API. After StopAccepting, new uploads are UNAVAILABLE.
class StoreServiceHandle {
 public:
  explicit StoreServiceHandle(ServiceContext& context);
  ~StoreServiceHandle();
  StoreServiceHandle(const StoreServiceHandle&) = delete;
  StoreServiceHandle& operator=(const StoreServiceHandle&) = delete;

  // To register with a server.
  grpc::Service* service();
  void StopAccepting();

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace stored::services
