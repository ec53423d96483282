#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "storage/session.h"

namespace stored::engine {

// The end of one attempt at a store.
class Outcome {
 public:
  enum class Kind : uint8_t {
    // The results are committed.
    kCompleted,
    // The store can never succeed; error() says why and whose fault it is.
    kFailed,
    // A client asked for the cancellation.
    kCancelled,
    // The server is in trouble that may pass, see reason(). The store goes back to the queue.
    kPutOff,
    // The server is stopping. The store goes back to the queue.
    kInterrupted,
  };

  static Outcome Completed(storage::StoreResult result);
  // The message of `status` becomes that of the error.
  static Outcome Failed(storage::StoreErrorCode code, const absl::Status& status);
  static Outcome Cancelled();
  static Outcome PutOff(absl::Status reason);
  static Outcome Interrupted();

  Kind kind() const { return kind_; }
  bool completed() const { return kind_ == Kind::kCompleted; }
  // REQUIRES: kind() is kCompleted.
  const storage::StoreResult& result() const { return result_; }
  // REQUIRES: kind() is kFailed or kCancelled.
  const storage::StoreError& error() const { return error_; }
  // REQUIRES: kind() is kPutOff.
  const absl::Status& reason() const { return reason_; }

 private:
  explicit Outcome(Kind kind) : kind_(kind) {}

  Kind kind_;
  storage::StoreResult result_;
  storage::StoreError error_;
  absl::Status reason_;
};

// Returns the error of a store that ended because a client cancelled it.
storage::StoreError CancelledByClient();

// Where in an attempt at a store an error came from.
enum class ErrorSource : uint8_t {
  // Backend::Results() for the store's product.
  kProduct,
  // Reading the product's settings, its earlier results, or the size of the spooled payload.
  kStorage,
  // Opening the payload, which unpacks an archive.
  kOpenPayload,
  // The payload's stream of reports, read by the ingest.
  kReadPayload,
  // The ingest itself: storage refused a stream that could be read.
  kIngest,
  // std::bad_alloc in any of these.
  kMemory,
  // std::system_error in any of these: a thread could not be created.
  kThreads,
};

// Returns how an attempt ends that failed with `status`: it depends on whose fault the error is.
// The first row that matches counts:
//
//   source                     error                          outcome
//   any                        CANCELLED, by a client         cancelled
//   any                        CANCELLED otherwise            interrupted: the server is stopping
//   memory                     any                            failed, LIMIT_EXCEEDED
//   product                    NOT_FOUND                      failed, PRODUCT_GONE
//   ingest                     IsProductLimit                 failed, LIMIT_EXCEEDED
//   open payload, read payload INVALID_ARGUMENT, no system    failed, BAD_INPUT
//                              error
//   open payload, read payload RESOURCE_EXHAUSTED, no system  failed, LIMIT_EXCEEDED
//                              error
//   open payload               RESOURCE_EXHAUSTED             failed, SERVER: unpacking again would
//                                                             fill the disk again
//   any                        UNAVAILABLE or                 put off: a locked database, a full
//                              RESOURCE_EXHAUSTED             disk, a lack of threads
//   any                        any                            failed, SERVER
//
// REQUIRES: `status` is not OK.
Outcome OutcomeOfError(ErrorSource source, const absl::Status& status, bool cancelled_by_client);

}  // namespace stored::engine
