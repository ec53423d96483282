#pragma once

#include <memory>

#include "engine/upkeep/garbage_collector.h"
#include "services/service_context.h"

namespace grpc {
class Service;
}

namespace stored::services {

// Returns AdminService over gRPC's callback API. `context` and `collector` outlive it.
std::unique_ptr<grpc::Service> NewAdminService(ServiceContext& context,
                                               engine::GarbageCollector& collector);

}  // namespace stored::services
