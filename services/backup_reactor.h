#pragma once

#include <grpcpp/grpcpp.h>

#include "services/store_service.h"
#include "stored/v1/admin_service.pb.h"

namespace stored::services {

// One call of AdminService.Backup. `context` outlives it; the reactor keeps itself until gRPC is
// done with it.
grpc::ServerWriteReactor<v1::BackupResponse>* NewBackupReactor(ServiceContext& context,
                                                               grpc::CallbackServerContext* call);

}  // namespace stored::services
