#pragma once

#include <memory>

#include "services/service_context.h"

namespace grpc {
class Service;
}

namespace stored::services {

// Returns ReportService over gRPC's callback API. `context` outlives it.
std::unique_ptr<grpc::Service> NewReportService(ServiceContext& context);

}  // namespace stored::services
