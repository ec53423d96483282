#include "services/admin_service.h"

#include <grpcpp/grpcpp.h>

#include <memory>

#include "marshalling/admin_marshalling.h"
#include "services/backup_reactor.h"
#include "services/call.h"
#include "stored/v1/admin_service.grpc.pb.h"

namespace stored::services {
namespace {

class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  AdminServiceImpl(ServiceContext& context, engine::GarbageCollector& collector)
      : context_(context), collector_(collector) {}

  // May take minutes; only the collector's thread waits for it.
  grpc::ServerUnaryReactor* CollectGarbage(grpc::CallbackServerContext* rpc,
                                           const v1::CollectGarbageRequest* request,
                                           v1::CollectGarbageResponse* response) override {
    grpc::ServerUnaryReactor* reactor = rpc->DefaultReactor();
    const auto call = std::make_shared<Call>(context_.clock, rpc, "CollectGarbage");
    call->Add("dry_run", request->dry_run() ? "true" : "");
    collector_.Collect(request->dry_run(), [reactor, response, call](const auto& removed) {
      if (removed.ok()) *response = marshalling::ToProto(removed->garbage, removed->uploads);
      reactor->Finish(call->End(removed.status()));
    });
    return reactor;
  }

  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* rpc,
                                                       const v1::BackupRequest*) override {
    return NewBackupReactor(context_, rpc);
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
