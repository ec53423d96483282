#pragma once

#include "engine/status/live_status.h"
#include "engine/stores.h"
#include "marshalling/store_marshalling.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// Returns the message for a status, with the present advice when to poll again.
inline v1::StoreStatus ToMessage(const engine::Stores& stores, const engine::LiveStatus& status) {
  return marshalling::ToProto(status.session, status.progress, stores.TimesOf(status));
}

}  // namespace stored::services
