#pragma once

#include "services/garbage_collector.h"
#include "stored/v1/admin_service.pb.h"

// Between the messages of admin_service.proto and the types behind them.
namespace stored::services {

v1::CollectGarbageResponse ToProto(const Collection& collection);

}  // namespace stored::services
