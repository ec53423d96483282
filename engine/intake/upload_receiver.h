#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "base/time/clock.h"
#include "engine/intake/upload_slots.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"
#include "storage/upload_header.h"

namespace stored::engine {

struct UploadLimits {
  // The size of one payload in bytes.
  int64_t max_upload_bytes = int64_t{8} << 30;
  // The number of stores that wait for a worker.
  int64_t max_enqueued = 10'000;
  // The number of uploads that arrive at the same time. Each takes a file descriptor and the memory
  // of one chunk.
  int max_uploads = 256;
  // How long an upload may send nothing while another one waits for its slot.
  absl::Duration quiet_upload_timeout = absl::Minutes(1);
};

// The largest number of bytes in one chunk (store_service.proto).
inline constexpr size_t kMaxChunkBytes = size_t{2} << 20;

// The uploads that are arriving, by upload_id. If two connections send under one upload_id, the
// younger one may continue and the older one gets ABORTED: its client has given it up, even if the
// server has not noticed. Safe for concurrent use.
class UploadRegistry {
 public:
  explicit UploadRegistry(storage::Spool& spool) : spool_(spool) {}

  // The state that connections under one upload_id share.
  struct Upload {
    Mutex mutex;
    // Null until a connection has opened it.
    std::unique_ptr<storage::PartialPayload> payload ABSL_GUARDED_BY(mutex);
    // The number of the connection that may write: each that joins gets the next one.
    int64_t owner ABSL_GUARDED_BY(mutex) = 0;
  };

  // Returns the upload that a connection has open; null if none has.
  std::shared_ptr<Upload> Find(const std::string& upload_id) ABSL_LOCKS_EXCLUDED(mutex_);
  // Joins or starts an upload; always starts one if the id is empty.
  std::shared_ptr<Upload> Join(const std::string& upload_id) ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns the number of bytes received so far, on this connection or an earlier one. NOT_FOUND if
  // none were.
  absl::StatusOr<int64_t> CommittedSize(const std::string& upload_id);

 private:
  storage::Spool& spool_;
  Mutex mutex_;
  // Joining removes expired entries.
  absl::flat_hash_map<std::string, std::weak_ptr<Upload>> uploads_ ABSL_GUARDED_BY(mutex_);
};

// The objects that all UploadReceivers of a server share. They outlive the receivers.
struct UploadContext {
  storage::Backend& backend;
  storage::Spool& spool;
  UploadRegistry& registry;
  StatusHub& hub;
  PollAdvice& advice;
  Clock& clock;
  UploadLimits limits;
  // Slots of receivers between their header and their end.
  UploadSlots slots;
  // Set to false when the server stops: from then on every message gets UNAVAILABLE.
  std::atomic<bool> accepting = true;
  // Called after a store has been accepted, if set.
  std::function<void()> on_accepted;
};

// The receiving side of one upload: header, chunks, trailer, in this order, whichever protocol
// brings them. Any error ends the upload. Used by one thread at a time.
class UploadReceiver {
 public:
  // `connection` outlives the receiver; null if the connection cannot be ended.
  explicit UploadReceiver(UploadContext& context, ArrivingUpload* connection = nullptr)
      : context_(context), connection_(connection) {}
  // If the upload was not accepted: keeps the bytes that arrived, for a later connection, if there
  // is an upload_id; removes them otherwise.
  ~UploadReceiver();
  UploadReceiver(const UploadReceiver&) = delete;
  UploadReceiver& operator=(const UploadReceiver&) = delete;

  using Header = storage::UploadHeader;
  // Checks the header's fields (storage/policy/field_checks.h), the product and its limits. An
  // empty product becomes the default one. The errors of this and the following functions are those
  // of the Upload RPC.
  absl::Status OnHeader(Header header);
  // Appends bytes to the payload. `offset` is where they begin in it: the number of bytes that have
  // arrived, or 0 in the first chunk of a connection, which discards those bytes.
  absl::Status OnChunk(int64_t offset, std::string_view data, std::optional<uint32_t> crc32c);
  // Accepts the upload. When this returns a session, its store is durable and in the queue.
  absl::StatusOr<storage::StoreSession> OnTrailer(int64_t size, const Sha256Digest& sha256);

  // For log lines.
  int64_t received_bytes() const { return received_bytes_; }
  const storage::StoreRequest& request() const { return header_.request; }

 private:
  // Fails unless the server accepts uploads and the header has come.
  absl::Status CheckReady() const;
  absl::Status CheckAccepting() const;
  // Fails unless this connection is still the one that may write, and no trailer has come.
  absl::Status CheckWriter() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(upload_->mutex);
  // Fails unless the product exists and the header keeps to its limits. An upload that was accepted
  // before gets its token again whatever the limits are now, so they are not checked.
  absl::Status CheckProduct();
  absl::Status CheckRuns() const;
  absl::Status CheckSize(int64_t size) const;
  absl::StatusOr<storage::StoreSession> Accept(int64_t size, const Sha256Digest& sha256)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(upload_->mutex);

  void ReleaseSlot();

  UploadContext& context_;
  ArrivingUpload* const connection_;
  storage::UploadHeader header_;
  // The product's settings when the header came.
  storage::ProductSettings settings_;
  bool have_header_ = false;
  bool has_slot_ = false;
  // Where the next chunk begins; -1 until the first chunk says.
  int64_t next_offset_ = -1;
  int64_t received_bytes_ = 0;
  std::shared_ptr<UploadRegistry::Upload> upload_;
  // This connection's number, compared with Upload::owner.
  int64_t owner_ = 0;
};

}  // namespace stored::engine
