#pragma once

#include <memory>

#include "services/store_service.h"

namespace stored::services {

// ReportService over gRPC's callback API. `context` outlives it.
std::unique_ptr<grpc::Service> NewReportService(ServiceContext& context);

}  // namespace stored::services
