#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "reports/limits.h"
#include "storage/policy/product_settings.h"
#include "storage/session_queue.h"
#include "storage/upload_header.h"

// Rules for values that clients choose, as proto/stored/v1 states them. Every front door and every
// backend applies these. Each check returns INVALID_ARGUMENT with a message that names the field.
namespace stored::storage {

using reports::kMaxDescriptionBytes;
using reports::kMaxRunNameBytes;
using reports::kMaxTagBytes;
inline constexpr size_t kMaxProductNameBytes = 64;
inline constexpr size_t kMaxTrimPrefixes = 64;
// The size of one trim prefix, or of one pattern for names of runs.
inline constexpr size_t kMaxPatternBytes = 4096;
// The number of digests in one FindMissingSources call.
inline constexpr size_t kMaxMissingSources = 10'000;
// How long a run, a report or a history entry may be kept, unless it is kept for ever.
inline constexpr absl::Duration kMinLifetime = absl::Seconds(1);
inline constexpr absl::Duration kMaxLifetime = absl::Hours(24 * 36'500);

// Accepts 1 to 64 of [a-z0-9_-].
absl::Status CheckProductName(std::string_view name);
// Checks the name of a product that is to be created: as CheckProductName, and the first must be a
// letter or digit. Other requests accept any name that CheckProductName does; a product whose name
// begins with '-' or '_' does not exist.
absl::Status CheckNewProductName(std::string_view name);
// Checks a FindMissingSources call with this number of digests; an empty name is kDefaultProduct.
absl::Status CheckMissingSources(std::string_view product, size_t digests);
// Returns kDefaultProduct for an empty name; checks any other with CheckProductName.
absl::StatusOr<std::string> ProductOrDefault(std::string_view name);

// Accepts 1 to 256 bytes of UTF-8 without control characters, not only spaces.
absl::Status CheckRunName(std::string_view run_name);

// Accepts at most kMaxTagBytes without control characters.
absl::Status CheckTag(std::string_view tag);

// Accepts 8 to 64 of [A-Za-z0-9._-], not starting with a dot.
absl::Status CheckUploadId(std::string_view upload_id);

// Accepts zero, which is for ever, and kMinLifetime to kMaxLifetime. `field` is the name in errors.
absl::Status CheckLifetime(absl::Duration lifetime, std::string_view field);

// Accepts limits that are not negative, and retentions that CheckLifetime() accepts. Members that
// are not set are not checked.
absl::Status CheckSettings(const ProductSettingsChange& change);

// Checks all fields, in the order of the contract. Accepts an empty upload id and an empty product.
absl::Status CheckUploadHeader(const UploadHeader& header);

// Checks `product` and `run_name` of a filter. Accepts empty ones.
absl::Status CheckSessionFilter(const SessionFilter& filter);

// Returns the number of entries of a page: `fallback` for 0, else `requested`, which must be in
// [0, max].
absl::StatusOr<int> CheckPageSize(int64_t requested, int fallback, int max);

}  // namespace stored::storage
