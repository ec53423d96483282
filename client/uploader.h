#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/sha256.h"
#include "base/time/clock.h"
#include "client/endpoint.h"
#include "client/retry_schedule.h"
#include "stored/v1/store_service.pb.h"

namespace stored::client {

// Returns a new, unguessable name for an upload: a random UUID (RFC 4122, version 4).
std::string NewUploadId();

// The file to upload. It must not change during the upload.
struct Payload {
  // Owned by the caller.
  int fd = -1;
  // The name of the file in error messages.
  std::string name;
  int64_t size = 0;
  Sha256Digest sha256;
};

// Returns the size and digest of the file that `fd` refers to.
absl::StatusOr<Payload> DigestPayload(int fd, std::string name);

struct UploadOptions {
  RetryPolicy retry;
  // Called after every chunk with the bytes sent so far and the size of the payload.
  std::function<void(int64_t sent, int64_t total)> on_progress;
  // Called before the uploader sleeps for `delay` because of `failure`.
  std::function<void(const absl::Status& failure, absl::Duration delay)> on_failure;
};

// Uploads a payload until the server has acknowledged it with a token, over as many connections as
// that takes. After a failure it asks for the committed size and resumes there, or for the token if
// only the response was lost; the server stores one upload_id once. Leaves no connection open. Not
// safe for concurrent use.
class Uploader {
 public:
  // `clock` must outlive the object.
  Uploader(Endpoint endpoint, Clock& clock, const TimeLimit& limit, UploadOptions options,
           UniformSource uniform = SystemUniformSource());

  // Returns the server's response. DEADLINE_EXCEEDED if the limit passed, UNAVAILABLE if the retry
  // policy's patience ran out; other errors are the server's.
  // REQUIRES: `header` has an upload_id.
  absl::StatusOr<v1::UploadResponse> Upload(const v1::UploadHeader& header, const Payload& payload);

 private:
  absl::StatusOr<v1::UploadResponse> Resume(const v1::UploadHeader& header, const Payload& payload);
  absl::StatusOr<v1::UploadResponse> SendFrom(int64_t offset, const v1::UploadHeader& header,
                                              const Payload& payload);

  Endpoint endpoint_;
  Clock& clock_;
  TimeLimit limit_;
  UploadOptions options_;
  RetrySchedule schedule_;
  // The largest committed size that the server has reported.
  int64_t most_committed_ = 0;
};

}  // namespace stored::client
