#include "engine/work/outcome.h"

#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"
#include "storage/policy/product_settings.h"

namespace stored::engine {

using storage::StoreErrorCode;

Outcome Outcome::Completed(storage::StoreResult result) {
  Outcome outcome(Kind::kCompleted);
  outcome.result_ = std::move(result);
  return outcome;
}

Outcome Outcome::Failed(StoreErrorCode code, const absl::Status& status) {
  Outcome outcome(Kind::kFailed);
  outcome.error_ = {code, std::string(status.message())};
  return outcome;
}

Outcome Outcome::Cancelled() {
  Outcome outcome(Kind::kCancelled);
  outcome.error_ = CancelledByClient();
  return outcome;
}

Outcome Outcome::PutOff(absl::Status reason) {
  Outcome outcome(Kind::kPutOff);
  outcome.reason_ = std::move(reason);
  return outcome;
}

Outcome Outcome::Interrupted() { return Outcome(Kind::kInterrupted); }

storage::StoreError CancelledByClient() {
  return {StoreErrorCode::kCancelled, "cancelled on request"};
}

Outcome OutcomeOfError(ErrorSource source, const absl::Status& status, bool cancelled_by_client) {
  const bool exhausted = absl::IsResourceExhausted(status);
  if (absl::IsCancelled(status)) {
    return cancelled_by_client ? Outcome::Cancelled() : Outcome::Interrupted();
  }
  if (source == ErrorSource::kMemory) {
    return Outcome::Failed(StoreErrorCode::kLimitExceeded, status);
  }
  if (source == ErrorSource::kProduct && absl::IsNotFound(status)) {
    return Outcome::Failed(StoreErrorCode::kProductGone, status);
  }
  if (source == ErrorSource::kIngest && storage::IsProductLimit(status)) {
    return Outcome::Failed(StoreErrorCode::kLimitExceeded, status);
  }
  const bool opening = source == ErrorSource::kOpenPayload;
  if ((opening || source == ErrorSource::kReadPayload) && !IsSystemError(status)) {
    if (absl::IsInvalidArgument(status)) return Outcome::Failed(StoreErrorCode::kBadInput, status);
    if (exhausted) return Outcome::Failed(StoreErrorCode::kLimitExceeded, status);
  }
  if (opening && exhausted) {
    return Outcome::Failed(StoreErrorCode::kServer,
                           AppendTo(status, "; free space on the server's disk and upload again"));
  }
  if (exhausted || absl::IsUnavailable(status)) return Outcome::PutOff(status);
  return Outcome::Failed(StoreErrorCode::kServer, status);
}

}  // namespace stored::engine
