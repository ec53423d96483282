#pragma once

#include <memory>

#include "base/clock.h"
#include "services/executor.h"
#include "services/poll_advice.h"
#include "services/status_hub.h"
#include "services/upload_receiver.h"
#include "services/work_threads.h"
#include "storage/spool.h"
#include "storage/store.h"

namespace grpc {
class Service;
}

namespace stored::services {

// What the services work with. All of it outlives them.
struct ServiceContext {
  storage::Store& store;
  storage::Spool& spool;
  StatusHub& hub;
  Executor& executor;
  PollAdvice& advice;
  Clock& clock;
  // For queries, which may take long; for the state of stores, which never does and shall not wait
  // for them; for uploads, which wait for the disk; for what is written down of a store that has
  // ended, which nobody waits for; for changes that wait for an ingest; and for backups, which wait
  // for their clients, one after the other.
  WorkThreads& queries;
  WorkThreads& statuses;
  WorkThreads& uploads;
  WorkThreads& notes;
  WorkThreads& changes;
  WorkThreads& backups;
  UploadLimits upload_limits;
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
