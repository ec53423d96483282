#include "services/admin_service.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "marshalling/admin_marshalling.h"
#include "services/backup_reactor.h"
#include "services/grpc_status.h"
#include "services/request_log.h"
#include "stored/v1/admin_service.grpc.pb.h"

namespace stored::services {
namespace {

class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  AdminServiceImpl(ServiceContext& context, engine::GarbageCollector& collector)
      : context_(context), collector_(collector) {}

  // May take minutes: no thread but the collector's waits for it.
  grpc::ServerUnaryReactor* CollectGarbage(grpc::CallbackServerContext* call,
                                           const v1::CollectGarbageRequest* request,
                                           v1::CollectGarbageResponse* response) override {
    grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
    const auto log = std::make_shared<RequestLog>(context_.clock, "CollectGarbage", call->peer());
    log->Add("dry_run", request->dry_run() ? "true" : "");
    collector_.Collect(request->dry_run(), [reactor, response, log](
                                               const absl::StatusOr<engine::GcResult>& collection) {
      if (collection.ok()) *response = marshalling::ToProto(*collection);
      log->Done(collection.status());
      reactor->Finish(ToGrpc(collection.status()));
    });
    return reactor;
  }

  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* call,
                                                       const v1::BackupRequest*) override {
    return NewBackupReactor(context_, call);
  }

 private:
  ServiceContext& context_;
  engine::GarbageCollector& collector_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewAdminService(ServiceContext& context,
                                               engine::GarbageCollector& collector) {
  return std::make_unique<AdminServiceImpl>(context, collector);
}

}  // namespace stored::services
