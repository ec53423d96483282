#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

// A store session: one upload on its way from the queue to its end. All enums have the numbers of
// stored.v1, and databases keep these numbers.
namespace stored::storage {

enum class StoreState : uint8_t {
  // The upload is arriving. Sessions in the queue never have this state.
  kAllocated = 1,
  kEnqueued = 2,
  kRunning = 3,
  kCompleted = 4,
  kFailed = 5,
  kCancelled = 6,
};

// Returns whether the state is COMPLETED, FAILED or CANCELLED. Of a session in such a state only
// `consumed` can still change.
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
  // Tells a user the thing, the problem and the remedy.
  std::string message;
};

// The outcome of a completed store; the fields are those of stored.v1.StoreResult.
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

// A client's request, already validated.
struct StoreRequest {
  // Empty if the client sent none.
  std::string upload_id;
  std::string product;
  std::string run_name;
  std::string tag;
  std::string description;
  PayloadFormat format = PayloadFormat::kBundle;
  bool force = false;
  std::vector<std::string> trim_path_prefixes;
  bool skip_bad_files = false;
  // The run's new lifetime, counted from its newest store; zero is for ever. If not set, the
  // lifetime stays.
  std::optional<absl::Duration> expire_after;

  friend bool operator==(const StoreRequest&, const StoreRequest&) = default;
};

// A durable payload in the spool.
struct SpooledPayload {
  // File name within the spool directory.
  std::string file;
  int64_t size = 0;
  // 32 raw bytes.
  std::string sha256;

  friend bool operator==(const SpooledPayload&, const SpooledPayload&) = default;
};

struct StoreSession {
  // 32 hexadecimal digits from a cryptographic generator.
  std::string token;
  // Grows in the order of acceptance.
  int64_t sequence = 0;
  StoreRequest request;
  SpooledPayload payload;
  StoreState state = StoreState::kEnqueued;
  // Grows with every durable change. SessionQueue explains the revisions in between.
  int64_t revision = 0;
  absl::Time enqueued_at = absl::InfinitePast();
  std::optional<absl::Time> started_at;
  std::optional<absl::Time> finished_at;
  // The number of times that a worker has started the store.
  int32_t attempts = 0;
  bool cancel_requested = false;
  bool consumed = false;
  // Set if COMPLETED.
  std::optional<StoreResult> result;
  // Set if FAILED or CANCELLED.
  StoreError error;
};

}  // namespace stored::storage
