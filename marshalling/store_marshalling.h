#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "marshalling/time_marshalling.h"
#include "storage/session.h"
#include "storage/session_queue.h"
#include "storage/store_progress.h"
#include "storage/upload_header.h"
#include "stored/v1/store_service.pb.h"

// Translates between the messages of store_service.proto and the types of storage/. If a value
// cannot be translated, the error is INVALID_ARGUMENT and names the field. Values that can be
// translated are not checked here: the caller does that (storage/policy/field_checks.h).
namespace stored::marshalling {

// Translates an unknown format to a value that storage::CheckUploadHeader refuses.
absl::StatusOr<storage::UploadHeader> FromProto(const v1::UploadHeader& header);
// Parses 64 hexadecimal digits. `field` is the name for the error.
absl::StatusOr<Sha256Digest> DigestFromProto(const std::string& hex, std::string_view field);
absl::StatusOr<storage::SessionFilter> FromProto(const v1::ListStoresRequest& request);

// Leaves `times` out of a final status.
v1::StoreStatus ToProto(const storage::StoreSession& session,
                        const storage::StoreProgress& progress, const storage::PollTimes& times);

}  // namespace stored::marshalling
