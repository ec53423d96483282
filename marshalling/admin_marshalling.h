#pragma once

#include "storage/expired_uploads.h"
#include "storage/garbage.h"
#include "stored/v1/admin_service.pb.h"

// Translates between the messages of admin_service.proto and the types of storage/.
namespace stored::marshalling {

v1::CollectGarbageResponse ToProto(const storage::Garbage& garbage,
                                   const storage::ExpiredUploads& uploads);

}  // namespace stored::marshalling
