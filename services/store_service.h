#pragma once

#include <memory>

#include "services/service_context.h"

namespace grpc {
class Service;
}

namespace stored::services {

// Returns StoreService over gRPC's callback API. `context` outlives it.
std::unique_ptr<grpc::Service> NewStoreService(ServiceContext& context);

}  // namespace stored::services
