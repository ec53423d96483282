#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "base/time/clock.h"
#include "engine/intake/upload_slots.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored::engine {

struct UploadLimits {
  // One payload, bytes.
  int64_t max_upload_bytes = int64_t{8} << 30;
  // Stores waiting for a worker.
  int64_t max_enqueued = 10'000;
  // Uploads arriving at the same time. Each takes a descriptor and a chunk of memory.
  int max_uploads = 256;
  // How long one of them may send nothing while another one waits for its slot.
  absl::Duration quiet_upload_timeout = absl::Minutes(1);
};

// Largest data of one chunk, bytes (store_service.proto).
inline constexpr size_t kMaxChunkBytes = size_t{2} << 20;

// Uploads that are arriving, by upload_id. Of two connections that send under one upload_id the
// younger goes on and the older is refused: it is the one whose client has given it up, though this
// end may not have noticed. Safe for concurrent use.
class UploadRegistry {
 public:
  explicit UploadRegistry(storage::Spool& spool) : spool_(spool) {}

  // What connections under one upload_id share.
  struct Upload {
    std::mutex mutex;
    // Under the mutex. The payload is there once a connection has opened it.
    std::unique_ptr<storage::PartialPayload> payload;
    // The connection that may write; grows.
    int64_t owner = 0;
  };

  std::shared_ptr<Upload> Find(const std::string& upload_id);
  // Joins or starts an upload; with an empty id always a new one.
  std::shared_ptr<Upload> Join(const std::string& upload_id);
  // Bytes received so far, on this connection or an earlier one. NOT_FOUND when there are none.
  absl::StatusOr<int64_t> CommittedSize(const std::string& upload_id);

 private:
  storage::Spool& spool_;
  std::mutex mutex_;
  // Expired entries are removed when a new one joins.
  absl::flat_hash_map<std::string, std::weak_ptr<Upload>> uploads_;
};

// What an UploadReceiver works with. All of it outlives the receiver.
struct UploadContext {
  storage::Backend& store;
  storage::Spool& spool;
  UploadRegistry& registry;
  StatusHub& hub;
  PollAdvice& advice;
  Clock& clock;
  UploadLimits limits;
  // Of receivers between their header and their end.
  UploadSlots slots;
};

// The receiving side of one Upload call: header, chunks, trailer, in this order. Knows nothing of
// gRPC. Any error ends it. Used by one thread at a time.
class UploadReceiver {
 public:
  // `connection` outlives it; null where there is none that could be ended.
  explicit UploadReceiver(UploadContext& context, ArrivingUpload* connection = nullptr)
      : context_(context), connection_(connection) {}
  // Without an accepted upload: what came stays for a later connection when it has an upload_id,
  // and is removed when it has none.
  ~UploadReceiver();
  UploadReceiver(const UploadReceiver&) = delete;
  UploadReceiver& operator=(const UploadReceiver&) = delete;

  struct Header {
    storage::StoreRequest request;
    bool refuse_if_busy = false;
    // 0: not known.
    int64_t expected_size = 0;
  };
  // `header` is well-formed. Errors are those of the Upload RPC, for all three.
  absl::Status OnHeader(const Header& header);
  absl::Status OnChunk(int64_t offset, std::string_view data, std::optional<uint32_t> crc32c);
  // Accepts the upload: durable and in the queue when this returns.
  absl::StatusOr<storage::StoreSession> OnTrailer(int64_t size, const Sha256Digest& sha256);

  // What stands behind an upload that was accepted, or is to be; for log lines.
  int64_t received_bytes() const { return received_bytes_; }
  const storage::StoreRequest& request() const { return header_.request; }

 private:
  // The upload's payload, locked, while this connection is still the one that may write.
  absl::StatusOr<std::unique_lock<std::mutex>> LockPayload();
  // The product is there, and its limits are kept as far as the header tells. What was accepted
  // before is answered with its token, whatever the limits are now.
  absl::Status CheckProduct();
  absl::Status CheckRuns() const;
  absl::Status CheckSize(int64_t size) const;
  absl::StatusOr<storage::StoreSession> Accept(int64_t size, const Sha256Digest& sha256);

  void ReleaseSlot();

  UploadContext& context_;
  ArrivingUpload* const connection_;
  Header header_;
  // Limits as they were when the header came.
  storage::ProductSettings settings_;
  bool have_header_ = false;
  bool has_slot_ = false;
  int64_t next_offset_ = -1;  // -1: the first chunk says.
  int64_t received_bytes_ = 0;
  std::shared_ptr<UploadRegistry::Upload> upload_;
  int64_t owner_ = 0;
};

}  // namespace stored::engine
