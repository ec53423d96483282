#include "services/admin_service.h"

#include <grpcpp/grpcpp.h>

#include "services/backup_reactor.h"
#include "stored/v1/admin_service.grpc.pb.h"

namespace stored::services {
namespace {

class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  explicit AdminServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* call,
                                                       const v1::BackupRequest*) override {
    return NewBackupReactor(context_, call);
  }

 private:
  ServiceContext& context_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewAdminService(ServiceContext& context) {
  return std::make_unique<AdminServiceImpl>(context);
}

}  // namespace stored::services
