#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "storage/policy/product_settings.h"
#include "storage/session.h"
#include "storage/session_queue.h"

// Admission control: the rules by which SessionQueue::Enqueue accepts or refuses a store. A backend
// looks up and counts what these functions ask for, applies them in their order here, and inserts
// the session (NewSession in session_transitions.h), all in one transaction.
namespace stored::storage {

// Checks an upload against `accepted`, the session that has its upload_id. Returns OK if product,
// run and content are the same, so that `accepted` is the session of this upload too; else
// ALREADY_EXISTS.
absl::Status CheckRepeatedUpload(const StoreSession& accepted, const StoreRequest& request,
                                 const SpooledPayload& payload);

// Checks `enqueued`, the number of ENQUEUED stores into the product, against its settings. Counting
// may end at settings.max_queued_stores, because a queue may be long. Returns QueueLimitError()
// with a retry pushback if the limit is reached.
absl::Status CheckProductQueue(const std::string& product, const ProductSettings& settings,
                               int64_t enqueued);

// Returns FAILED_PRECONDITION: EnqueueOptions::refuse_if_busy is set, and another store into the
// run is ENQUEUED or RUNNING.
absl::Status RunBusyError(const std::string& run_name);

// Checks `enqueued`, the number of all ENQUEUED stores, against options.max_enqueued. Returns
// RESOURCE_EXHAUSTED with a retry pushback if the queue is full.
absl::Status CheckQueue(const SessionQueue::EnqueueOptions& options, int64_t enqueued);

}  // namespace stored::storage
