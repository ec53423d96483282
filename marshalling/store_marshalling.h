#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/intake/upload_receiver.h"
#include "engine/status/status_hub.h"
#include "marshalling/time_marshalling.h"
#include "storage/session_queue.h"
#include "stored/v1/store_service.pb.h"

// Between the messages of store_service.proto and the types behind them. What comes in is checked
// here: INVALID_ARGUMENT names the field.
namespace stored::marshalling {

absl::StatusOr<engine::UploadReceiver::Header> FromProto(const v1::UploadHeader& header);
absl::StatusOr<Sha256Digest> DigestFromProto(const std::string& hex, const std::string& field);
absl::StatusOr<storage::SessionFilter> FromProto(const v1::ListStoresRequest& request);

// 1 to 64 of [a-z0-9_-]; empty becomes "default".
absl::StatusOr<std::string> ProductFromProto(const std::string& product);
// 1 to 256 bytes of UTF-8 without control characters.
absl::Status CheckRunName(const std::string& run_name);
// 8 to 64 of [A-Za-z0-9._-], not starting with a dot.
absl::Status CheckUploadId(const std::string& upload_id);
// The size of a page asked for; `fallback` for 0, INVALID_ARGUMENT outside [0, max].
absl::StatusOr<int> PageSizeFromProto(int32_t page_size, int fallback, int max);

// `poll_after` is the advice of the moment; not used for a final state.
v1::StoreStatus ToProto(const engine::LiveStatus& status, absl::Duration poll_after);

}  // namespace stored::marshalling
