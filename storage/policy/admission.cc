#include "storage/policy/admission.h"

#include <fmt/format.h>

#include "absl/time/time.h"
#include "base/time/retry_pushback.h"

namespace stored::storage {
namespace {

// The pushback of a full queue. A caller that knows how fast the queue moves sets a better one.
constexpr absl::Duration kFullQueuePushback = absl::Seconds(5);

absl::Status WithPushback(absl::Status full) {
  SetRetryPushback(full, kFullQueuePushback);
  return full;
}

bool IsSameUpload(const StoreSession& accepted, const StoreRequest& request,
                  const SpooledPayload& payload) {
  return accepted.request.product == request.product &&
         accepted.request.run_name == request.run_name && accepted.payload.size == payload.size &&
         accepted.payload.sha256 == payload.sha256;
}

}  // namespace

absl::Status CheckRepeatedUpload(const StoreSession& accepted, const StoreRequest& request,
                                 const SpooledPayload& payload) {
  if (IsSameUpload(accepted, request, payload)) return absl::OkStatus();
  return absl::AlreadyExistsError(
      fmt::format("upload_id \"{}\" was accepted before with another product, run or content; "
                  "use a new one for each upload",
                  request.upload_id));
}

absl::Status CheckProductQueue(const std::string& product, const ProductSettings& settings,
                               int64_t enqueued) {
  const int64_t limit = settings.max_queued_stores;
  if (limit <= 0 || enqueued < limit) return absl::OkStatus();
  return WithPushback(QueueLimitError(product, limit));
}

absl::Status RunBusyError(const std::string& run_name) {
  return absl::FailedPreconditionError(fmt::format(
      "run \"{}\" is busy: a store into it is not finished; wait for that one", run_name));
}

absl::Status CheckQueue(const SessionQueue::EnqueueOptions& options, int64_t enqueued) {
  if (options.max_enqueued <= 0 || enqueued < options.max_enqueued) return absl::OkStatus();
  return WithPushback(absl::ResourceExhaustedError(
      fmt::format("the queue is full: {} stores are waiting; try again later", enqueued)));
}

}  // namespace stored::storage
