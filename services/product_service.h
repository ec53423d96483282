#pragma once

#include <memory>

#include "services/store_service.h"

namespace stored::services {

// ProductService over gRPC's callback API. `context` outlives it.
std::unique_ptr<grpc::Service> NewProductService(ServiceContext& context);

}  // namespace stored::services
