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

// A fresh name for an upload: a random UUID (RFC 4122, version 4), not guessable.
std::string NewUploadId();

// What is uploaded: a file that does not change meanwhile.
struct Payload {
  // Whoever opened it closes it.
  int fd = -1;
  // For messages.
  std::string name;
  int64_t size = 0;
  Sha256Digest sha256;
};

// Measures and digests the file behind `fd`.
absl::StatusOr<Payload> DigestPayload(int fd, std::string name);

struct UploadOptions {
  RetryPolicy retry;
  // Told after every chunk: bytes sent, of how many.
  std::function<void(int64_t sent, int64_t total)> on_progress;
  // Told before a failure is waited out.
  std::function<void(const absl::Status& failure, absl::Duration delay)> on_failure;
};

// Uploads a payload until the server has acknowledged it with a token, over as many connections as
// that takes. After a failure it asks how far the upload got and goes on from there, or takes the
// token whose answer was lost; sending under one upload_id stores once. No connection is left open.
// Not safe for concurrent use.
class Uploader {
 public:
  // `clock` must outlive the object.
  Uploader(Endpoint endpoint, Clock& clock, const TimeLimit& limit, UploadOptions options,
           UniformSource uniform = SystemUniformSource());

  // `header` has an upload_id. Errors: the server's, DEADLINE_EXCEEDED when the limit passed,
  // UNAVAILABLE when the retry policy ran out of patience.
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
  // Most bytes that the server ever said it has.
  int64_t most_committed_ = 0;
};

}  // namespace stored::client
