#pragma once

#include <memory>

#include "services/store_service.h"

namespace stored::services {

// AdminService over gRPC's callback API. `context` outlives it.
std::unique_ptr<grpc::Service> NewAdminService(ServiceContext& context);

}  // namespace stored::services
