#pragma once

#include <grpcpp/grpcpp.h>

#include "services/service_context.h"
#include "stored/v1/admin_service.pb.h"

namespace stored::services {

// Starts one call of AdminService.Backup. `context` outlives it; the reactor owns itself until gRPC
// is done with it.
grpc::ServerWriteReactor<v1::BackupResponse>* NewBackupReactor(ServiceContext& context,
                                                               grpc::CallbackServerContext* rpc);

}  // namespace stored::services
