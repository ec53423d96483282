#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

// A store session: one upload on its way from the queue to its end. The numbers of all enums are
// those of stored.v1 and are kept in databases.
namespace stored::storage {

enum class StoreState : uint8_t {
  // Upload under way; never in the queue.
  kAllocated = 1,
  kEnqueued = 2,
  kRunning = 3,
  kCompleted = 4,
  kFailed = 5,
  kCancelled = 6,
};

// COMPLETED, FAILED or CANCELLED: nothing will change any more but `consumed`.
inline bool IsFinal(StoreState state) { return state >= StoreState::kCompleted; }

enum class StorePhase : uint8_t { kNone = 0, kParsing = 1, kComparing = 2, kApplying = 3 };

enum class PayloadFormat : uint8_t { kBundle = 1, kSarif = 2, kPlist = 3, kArchive = 4 };

enum class StoreErrorCode : uint8_t {
  kNone = 0,
  kBadInput = 1,
  kLimitExceeded = 2,
  kCancelled = 3,
  kProductGone = 4,
  kCrashed = 5,
  kServer = 6,
};

struct StoreError {
  StoreErrorCode code = StoreErrorCode::kNone;
  // For people: which thing, what is wrong, what to do.
  std::string message;
};

// What a completed store did; field by field as in stored.v1.StoreResult.
struct StoreResult {
  int64_t run_id = 0;
  int32_t new_reports = 0;
  int32_t unresolved_reports = 0;
  int32_t reopened_reports = 0;
  int32_t resolved_reports = 0;
  int32_t off_reports = 0;
  int32_t unavailable_reports = 0;
  int32_t reports = 0;
  int64_t diagnostics = 0;
  int32_t result_files = 0;
  int32_t source_files = 0;
  int32_t new_sources = 0;
  int64_t new_source_bytes = 0;
  std::vector<std::string> warnings;
  int32_t analyzed_files = 0;
  int32_t failed_files = 0;

  friend bool operator==(const StoreResult&, const StoreResult&) = default;
};

// What a client asked for, checked already.
struct StoreRequest {
  // Empty when the client gave none.
  std::string upload_id;
  std::string product;
  std::string run_name;
  std::string tag;
  std::string description;
  PayloadFormat format = PayloadFormat::kBundle;
  bool force = false;
  std::vector<std::string> trim_path_prefixes;
  bool skip_bad_files = false;
  // Lifetime of the run since its newest store; zero is for ever. Not set: as it was.
  std::optional<absl::Duration> expire_after;

  friend bool operator==(const StoreRequest&, const StoreRequest&) = default;
};

// The payload as it lies in the spool.
struct SpooledPayload {
  // Name within the spool directory.
  std::string file;
  int64_t size = 0;
  // 32 raw bytes.
  std::string sha256;

  friend bool operator==(const SpooledPayload&, const SpooledPayload&) = default;
};

struct StoreSession {
  // 32 hexadecimal digits from a cryptographic generator.
  std::string token;
  // Order of acceptance; grows.
  int64_t sequence = 0;
  StoreRequest request;
  SpooledPayload payload;
  StoreState state = StoreState::kEnqueued;
  // Grows with every change that is kept. See SessionQueue on the revisions in between.
  int64_t revision = 0;
  absl::Time enqueued_at = absl::InfinitePast();
  std::optional<absl::Time> started_at;
  std::optional<absl::Time> finished_at;
  // How often a worker has started on it.
  int32_t attempts = 0;
  bool cancel_requested = false;
  bool consumed = false;
  // Set when COMPLETED.
  std::optional<StoreResult> result;
  // Set when FAILED or CANCELLED.
  StoreError error;
};

}  // namespace stored::storage
