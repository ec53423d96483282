#include "engine/intake/upload_receiver.h"

#include <fmt/format.h>

#include <utility>

#include "base/crc32c.h"
#include "base/files/file.h"
#include "base/kill_point.h"
#include "base/status.h"
#include "base/time/retry_pushback.h"
#include "engine/work/payload.h"
#include "storage/policy/field_checks.h"

namespace stored::engine {

std::shared_ptr<UploadRegistry::Upload> UploadRegistry::Find(const std::string& upload_id) {
  const MutexLock lock(mutex_);
  const auto found = uploads_.find(upload_id);
  return found == uploads_.end() ? nullptr : found->second.lock();
}

std::shared_ptr<UploadRegistry::Upload> UploadRegistry::Join(const std::string& upload_id) {
  if (upload_id.empty()) return std::make_shared<Upload>();
  const MutexLock lock(mutex_);
  absl::erase_if(uploads_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<Upload>& slot = uploads_[upload_id];
  std::shared_ptr<Upload> upload = slot.lock();
  if (upload == nullptr) {
    upload = std::make_shared<Upload>();
    slot = upload;
  }
  return upload;
}

absl::StatusOr<int64_t> UploadRegistry::CommittedSize(const std::string& upload_id) {
  if (const std::shared_ptr<Upload> upload = Find(upload_id)) {
    // A connection holds the lock while it waits for the disk; then uses the size of the file.
    TryMutexLock lock(upload->mutex);
    if (lock.TryLock() && upload->payload != nullptr) {
      return static_cast<int64_t>(upload->payload->size());
    }
  }
  absl::StatusOr<uint64_t> size = spool_.PartialSize(upload_id);
  if (!size.ok()) {
    return absl::NotFoundError(
        fmt::format("nothing was uploaded under '{}': start at offset 0", upload_id));
  }
  return static_cast<int64_t>(*size);
}

UploadReceiver::~UploadReceiver() {
  ReleaseSlot();
  if (upload_ == nullptr) return;
  const MutexLock lock(upload_->mutex);
  // Keeps bytes that a later connection can resume. A file that cannot be removed now expires.
  const bool resumable = !header_.request.upload_id.empty() && upload_->payload != nullptr &&
                         upload_->payload->size() > 0;
  if (resumable || upload_->owner != owner_) return;
  if (upload_->payload != nullptr) context_.spool.RemovePartial(*upload_->payload).IgnoreError();
  upload_->payload.reset();
}

void UploadReceiver::ReleaseSlot() {
  if (std::exchange(has_slot_, false)) context_.slots.Release(connection_);
}

absl::Status UploadReceiver::CheckAccepting() const {
  if (context_.accepting) return absl::OkStatus();
  return absl::UnavailableError("the server is stopping: try again in a moment");
}

absl::Status UploadReceiver::OnHeader(Header header) {
  STORED_RETURN_IF_ERROR(CheckAccepting());
  STORED_RETURN_IF_ERROR(storage::CheckUploadHeader(header));
  if (have_header_) return absl::InvalidArgumentError("the header was sent twice");
  have_header_ = true;
  header_ = std::move(header);
  storage::StoreRequest& request = header_.request;
  if (request.product.empty()) request.product = storage::kDefaultProduct;
  has_slot_ = context_.slots.Take(connection_, context_.limits.max_uploads,
                                  context_.limits.quiet_upload_timeout);
  if (!has_slot_) {
    return absl::UnavailableError(
        fmt::format("{} uploads are arriving, as many as this server takes at a time "
                    "(--max-uploads): try again in a moment",
                    context_.limits.max_uploads));
  }
  STORED_RETURN_IF_ERROR(CheckProduct());
  upload_ = context_.registry.Join(request.upload_id);
  const MutexLock lock(upload_->mutex);
  owner_ = ++upload_->owner;
  if (upload_->payload == nullptr) {
    STORED_ASSIGN_OR_RETURN(upload_->payload, context_.spool.OpenPartial(request.upload_id));
  }
  return absl::OkStatus();
}

absl::Status UploadReceiver::CheckProduct() {
  STORED_ASSIGN_OR_RETURN(settings_, context_.backend.Settings(header_.request.product));
  absl::Status status = CheckSize(header_.expected_size);
  if (status.ok()) status = CheckRuns();
  if (!storage::IsProductLimit(status) || header_.request.upload_id.empty()) return status;
  if (!context_.backend.queue().FindUpload(header_.request.upload_id).ok()) return status;
  settings_ = {};
  return absl::OkStatus();
}

absl::Status UploadReceiver::CheckRuns() const {
  if (settings_.max_runs <= 0) return absl::OkStatus();
  const storage::StoreRequest& request = header_.request;
  STORED_ASSIGN_OR_RETURN(const std::shared_ptr<storage::ProductResults> results,
                          context_.backend.Results(request.product));
  STORED_ASSIGN_OR_RETURN(const bool known, results->HasRun(request.run_name));
  if (known) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const int64_t runs, results->CountRuns());
  if (runs < settings_.max_runs) return absl::OkStatus();
  return storage::RunLimitError(request.product, settings_.max_runs, request.run_name);
}

absl::Status UploadReceiver::CheckSize(int64_t size) const {
  if (size > context_.limits.max_upload_bytes) {
    return absl::ResourceExhaustedError(
        fmt::format("the upload is larger than this server's limit of {} bytes (--max-upload-size)",
                    context_.limits.max_upload_bytes));
  }
  if (settings_.max_bytes_per_store <= 0 || size <= settings_.max_bytes_per_store) {
    return absl::OkStatus();
  }
  return storage::UploadSizeLimitError(header_.request.product, settings_.max_bytes_per_store);
}

absl::Status UploadReceiver::CheckReady() const {
  STORED_RETURN_IF_ERROR(CheckAccepting());
  if (upload_ != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError("the header is missing: it must come first");
}

absl::Status UploadReceiver::CheckWriter() const {
  if (upload_->owner != owner_) {
    return absl::AbortedError(
        fmt::format("another connection continues upload '{}'", header_.request.upload_id));
  }
  if (upload_->payload != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError("nothing may follow the trailer");
}

absl::Status UploadReceiver::OnChunk(int64_t offset, std::string_view data,
                                     std::optional<uint32_t> crc32c) {
  STORED_RETURN_IF_ERROR(CheckReady());
  const MutexLock lock(upload_->mutex);
  STORED_RETURN_IF_ERROR(CheckWriter());
  storage::PartialPayload& payload = *upload_->payload;
  if (next_offset_ < 0 && offset == 0 && payload.size() > 0) {
    STORED_RETURN_IF_ERROR(payload.Truncate());  // The client starts again from the beginning.
  }
  const bool first = next_offset_ < 0;
  next_offset_ = static_cast<int64_t>(payload.size());
  if (offset != next_offset_) {
    const std::string error = fmt::format("chunks are out of order: this one has offset {}, not {}",
                                          offset, next_offset_);
    // Bytes of an earlier connection may have arrived after the client asked how far it got.
    if (first && offset > 0 && !header_.request.upload_id.empty()) {
      return absl::UnavailableError(error + ": ask GetUpload where to continue");
    }
    return absl::InvalidArgumentError(error);
  }
  if (data.size() > kMaxChunkBytes) {
    return absl::InvalidArgumentError(
        fmt::format("the chunk at offset {} has {} bytes; the limit is {}", offset, data.size(),
                    kMaxChunkBytes));
  }
  if (crc32c && Crc32c(data) != *crc32c) {
    return absl::DataLossError(fmt::format(
        "the chunk at offset {} does not have the CRC-32C it claims: send it again", offset));
  }
  STORED_RETURN_IF_ERROR(CheckSize(offset + static_cast<int64_t>(data.size())));
  const absl::Status appended = payload.Append(data);
  if (!appended.ok()) {
    // The partial file would keep a full disk full.
    context_.spool.RemovePartial(payload).IgnoreError();
    upload_->payload.reset();
    return Annotate(appended, "storing the upload");
  }
  next_offset_ += static_cast<int64_t>(data.size());
  received_bytes_ += static_cast<int64_t>(data.size());
  return absl::OkStatus();
}

absl::StatusOr<storage::StoreSession> UploadReceiver::OnTrailer(int64_t size,
                                                                const Sha256Digest& sha256) {
  STORED_RETURN_IF_ERROR(CheckReady());
  const MutexLock lock(upload_->mutex);
  STORED_RETURN_IF_ERROR(CheckWriter());
  absl::StatusOr<storage::StoreSession> session = Accept(size, sha256);
  if (!session.ok()) {
    // A later connection cannot resume a refused upload. A file that cannot be removed now expires.
    context_.spool.RemovePartial(*upload_->payload).IgnoreError();
  }
  upload_->payload.reset();  // Another connection under this upload_id starts afresh.
  ReleaseSlot();
  if (session.ok() && context_.on_accepted) context_.on_accepted();
  return session;
}

absl::StatusOr<storage::StoreSession> UploadReceiver::Accept(int64_t size,
                                                             const Sha256Digest& sha256) {
  storage::PartialPayload& payload = *upload_->payload;
  if (size != static_cast<int64_t>(payload.size())) {
    return absl::DataLossError(
        fmt::format("the trailer says {} bytes, {} arrived: send it again", size, payload.size()));
  }
  if (size == 0) return absl::InvalidArgumentError("the payload is empty");
  if (header_.expected_size != 0 && header_.expected_size != size) {
    return absl::InvalidArgumentError(
        fmt::format("the header expected {} bytes, {} arrived", header_.expected_size, size));
  }
  const absl::Status start = CheckPayloadStart(payload.path(), header_.request.format);
  // The file is gone if the upload was quiet for so long, or the wall clock was put forward so far,
  // that garbage collection removed it as expired.
  const auto expired = [] {
    return absl::DataLossError("the upload had expired before it was complete: send it again");
  };
  if (absl::IsNotFound(start)) return expired();
  STORED_RETURN_IF_ERROR(start);
  const absl::StatusOr<storage::PartialPayload::Sealed> seal = payload.Seal(sha256);
  if (absl::IsNotFound(seal.status())) return expired();
  STORED_RETURN_IF_ERROR(seal.status());
  const storage::PartialPayload::Sealed& sealed = *seal;
  storage::SpooledPayload spooled;
  spooled.file = sealed.file;
  spooled.size = size;
  spooled.sha256 = std::string(sha256.Raw());
  storage::SessionQueue::EnqueueOptions options;
  options.refuse_if_busy = header_.refuse_if_busy;
  options.max_enqueued = context_.limits.max_enqueued;
  absl::StatusOr<storage::SessionQueue::Enqueued> enqueued =
      context_.backend.queue().Enqueue(header_.request, spooled, options, context_.clock.Now());
  if (enqueued.ok() ? enqueued->repeated : !IsSystemError(enqueued.status())) {
    // No session owns this payload, not even one that is found after a crash. If it cannot be
    // removed now, the next start removes it.
    context_.spool.Remove(sealed.file).IgnoreError();
  }
  if (!enqueued.ok()) {
    absl::Status refused = enqueued.status();
    if (RetryPushbackOf(refused)) SetRetryPushback(refused, context_.advice.RoomAfter());
    return refused;
  }
  STORED_KILL_POINT("upload.before_answer");
  if (!enqueued->repeated) context_.hub.Publish(enqueued->session);
  return std::move(enqueued->session);
}

}  // namespace stored::engine
