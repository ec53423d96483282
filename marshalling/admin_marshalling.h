#pragma once

#include "engine/upkeep/garbage_collector.h"
#include "stored/v1/admin_service.pb.h"

// Between the messages of admin_service.proto and the types behind them.
namespace stored::marshalling {

v1::CollectGarbageResponse ToProto(const engine::GcResult& collection);

}  // namespace stored::marshalling
