#include "client/uploader.h"

#include <errno.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/files/file.h"
#include "base/status.h"
#include "client/connection.h"

namespace stored::client {
namespace {

constexpr int64_t kChunkBytes = 1 << 20;
// The timeout of an attempt is this time plus the time that a link of kSlowestBytesPerSecond needs.
// After a timeout the next attempt resumes where the previous one ended.
constexpr absl::Duration kLeastUploadTimeout = absl::Minutes(2);
constexpr int64_t kSlowestBytesPerSecond = 32 << 10;
// After this many attempts that end with DATA_LOSS the uploader waits, or gives up, as after other
// errors: the network is probably not the cause.
constexpr int kMaxDamagedArrivals = 3;

// Generates the messages of one attempt: header, chunks, trailer.
class UploadMessages {
 public:
  UploadMessages(int64_t offset, const v1::UploadHeader& header, const Payload& payload)
      : header_(header), payload_(payload), offset_(offset) {}

  // Writes the next message into `request`. Returns false after the trailer.
  absl::StatusOr<bool> Next(v1::UploadRequest& request) {
    switch (stage_) {
      case Stage::kHeader:
        stage_ = offset_ < payload_.size ? Stage::kChunks : Stage::kTrailer;
        *request.mutable_header() = header_;
        return true;
      case Stage::kChunks:
        STORED_RETURN_IF_ERROR(ReadChunk(*request.mutable_chunk()));
        if (offset_ == payload_.size) stage_ = Stage::kTrailer;
        return true;
      case Stage::kTrailer:
        stage_ = Stage::kEnd;
        request.mutable_trailer()->set_size(payload_.size);
        request.mutable_trailer()->set_sha256(payload_.sha256.Hex());
        return true;
      case Stage::kEnd:
        return false;
    }
    return false;
  }

  int64_t offset() const { return offset_; }

 private:
  enum class Stage { kHeader, kChunks, kTrailer, kEnd };

  absl::Status ReadChunk(v1::UploadChunk& chunk) {
    const int64_t size = std::min(kChunkBytes, payload_.size - offset_);
    std::string& data = *chunk.mutable_data();
    data.resize(static_cast<size_t>(size));
    STORED_ASSIGN_OR_RETURN(const size_t n, ReadAt(payload_.fd, data.data(), data.size(),
                                                   static_cast<uint64_t>(offset_), payload_.name));
    if (n != data.size()) {
      return absl::InternalError(
          fmt::format("{}: became shorter while it was being uploaded", payload_.name));
    }
    chunk.set_offset(offset_);
    chunk.set_crc32c(Crc32c(data));
    offset_ += size;
    return absl::OkStatus();
  }

  const v1::UploadHeader& header_;
  const Payload& payload_;
  Stage stage_ = Stage::kHeader;
  int64_t offset_;
};

// Returns the token and status of an accepted upload; moves the status out of `upload`.
v1::UploadResponse ToUploadResponse(v1::GetUploadResponse& upload) {
  v1::UploadResponse response;
  response.set_token(upload.token());
  response.mutable_status()->Swap(upload.mutable_status());
  return response;
}

}  // namespace

std::string NewUploadId() {
  std::array<unsigned char, 16> bytes{};
  // Cannot fail for at most 256 bytes (getrandom(2)). Aborts rather than return a guessable id.
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    std::abort();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = ToHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

absl::StatusOr<Payload> DigestPayload(int fd, std::string name) {
  Payload payload{.fd = fd, .name = std::move(name)};
  Sha256 digest;
  std::vector<char> buffer(kChunkBytes);
  while (true) {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            ReadAt(fd, buffer.data(), buffer.size(),
                                   static_cast<uint64_t>(payload.size), payload.name));
    digest.Update({buffer.data(), n});
    payload.size += static_cast<int64_t>(n);
    if (n < buffer.size()) break;
  }
  payload.sha256 = digest.Finish();
  return payload;
}

Uploader::Uploader(Endpoint endpoint, Clock& clock, const TimeLimit& limit, UploadOptions options,
                   UniformSource uniform)
    : endpoint_(std::move(endpoint)),
      clock_(clock),
      limit_(limit),
      options_(std::move(options)),
      schedule_(options_.retry, limit, clock, std::move(uniform)) {}

absl::StatusOr<v1::UploadResponse> Uploader::Upload(const v1::UploadHeader& header,
                                                    const Payload& payload) {
  int damaged_arrivals = 0;
  bool resume = false;
  while (true) {
    absl::StatusOr<v1::UploadResponse> answer =
        resume ? Resume(header, payload) : SendFrom(0, header, payload);
    if (answer.ok()) return answer;
    // After DATA_LOSS the bytes on the server are damaged, so the next attempt starts at 0.
    resume = !absl::IsDataLoss(answer.status());
    if (!resume && ++damaged_arrivals < kMaxDamagedArrivals) continue;
    const absl::StatusOr<absl::Duration> delay = schedule_.AfterFailure(answer.status());
    if (!delay.ok()) return delay.status();
    if (options_.on_failure) options_.on_failure(answer.status(), *delay);
    clock_.Sleep(*delay);
  }
}

absl::StatusOr<v1::UploadResponse> Uploader::Resume(const v1::UploadHeader& header,
                                                    const Payload& payload) {
  v1::GetUploadRequest request;
  request.set_upload_id(header.upload_id());
  absl::StatusOr<v1::GetUploadResponse> answer =
      Connection(endpoint_).GetUpload(request, limit_.RpcTimeout(kRpcTimeout));
  if (absl::IsNotFound(answer.status())) return SendFrom(0, header, payload);
  if (!answer.ok()) return answer.status();
  if (!answer->token().empty()) return ToUploadResponse(*answer);
  const int64_t committed = answer->committed_size();
  // A committed size larger than the payload belongs to another payload under this upload_id.
  if (committed < 0 || committed > payload.size) return SendFrom(0, header, payload);
  if (committed > most_committed_) {
    most_committed_ = committed;
    schedule_.Succeeded();
  }
  return SendFrom(committed, header, payload);
}

absl::StatusOr<v1::UploadResponse> Uploader::SendFrom(int64_t offset,
                                                      const v1::UploadHeader& header,
                                                      const Payload& payload) {
  UploadMessages messages(offset, header, payload);
  const absl::Duration timeout =
      kLeastUploadTimeout + absl::Seconds((payload.size - offset) / kSlowestBytesPerSecond);
  absl::StatusOr<v1::UploadResponse> answer = Connection(endpoint_).Upload(
      [&](v1::UploadRequest& request) -> absl::StatusOr<bool> {
        // The previous message has been sent when the next one is requested.
        if (options_.on_progress) options_.on_progress(messages.offset(), payload.size);
        return messages.Next(request);
      },
      limit_.RpcTimeout(timeout));
  // ABORTED means that a newer connection has taken the upload over. This client opened none, so
  // the network repeated an earlier one. The next attempt is newer still and takes the upload back.
  if (absl::IsAborted(answer.status())) {
    return absl::UnavailableError(answer.status().message());
  }
  return answer;
}

}  // namespace stored::client
