#include "services/upload_reactor.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "marshalling/store_marshalling.h"
#include "services/status_message.h"

namespace stored::services {

UploadReactor::UploadReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                             std::string_view method)
    : context_(context),
      stores_(context.stores),
      call_(context.clock, rpc, method),
      quiet_since_(context.clock.Monotonic()),
      receiver_(context.stores.uploads(), this) {
  StartRead(&next_);
}

bool UploadReactor::EndIfQuietFor(absl::Duration limit) {
  {
    const MutexLock lock(mutex_);
    if (busy_ || context_.clock.Monotonic() - quiet_since_ < limit) return false;
    busy_ = true;
  }
  FinishWith(
      absl::UnavailableError(fmt::format("nothing arrived for {} and other uploads wait for room "
                                         "(--quiet-upload-timeout): resume where GetUpload says",
                                         absl::FormatDuration(limit))));
  return true;
}

void UploadReactor::OnReadDone(bool ok) {
  {
    const MutexLock lock(mutex_);
    read_ = ok;
    if (std::exchange(busy_, true)) return;
  }
  context_.uploads.Post([this] { Receive(); });
}

void UploadReactor::Receive() {
  bool ok = false;
  {
    const MutexLock lock(mutex_);
    ok = *std::exchange(read_, std::nullopt);
  }
  if (!ok) {
    FinishWith(call_.cancelled()
                   ? absl::CancelledError("the connection ended before the trailer")
                   : absl::InvalidArgumentError("the upload ended without a trailer"));
    return;
  }
  absl::Status status;
  {
    // Freed at the end of this block, before the call waits for the client or for a thread: so a
    // waiting call takes only the memory of `next_` and of the client's flow-control window.
    v1::UploadRequest request;
    request.Swap(&next_);
    // No message may follow the trailer.
    if (!request.has_trailer()) StartRead(&next_);
    status = Take(request);
  }
  if (!status.ok()) {
    FinishWith(status);
  } else if (accepted_) {
    OnAccepted(*accepted_);
  } else {
    Continue();
  }
}

void UploadReactor::Continue() {
  {
    const MutexLock lock(mutex_);
    busy_ = read_.has_value();
    if (!busy_) {
      quiet_since_ = context_.clock.Monotonic();
      return;
    }
  }
  // Goes to the end of the lane, so that uploads take turns.
  context_.uploads.Post([this] { Receive(); });
}

absl::Status UploadReactor::Take(const v1::UploadRequest& request) {
  switch (request.part_case()) {
    case v1::UploadRequest::kHeader: {
      STORED_ASSIGN_OR_RETURN(storage::UploadHeader header,
                              marshalling::FromProto(request.header()));
      return receiver_.OnHeader(std::move(header));
    }
    case v1::UploadRequest::kChunk: {
      const v1::UploadChunk& chunk = request.chunk();
      std::optional<uint32_t> crc32c;
      if (chunk.has_crc32c()) crc32c = chunk.crc32c();
      return receiver_.OnChunk(chunk.offset(), chunk.data(), crc32c);
    }
    case v1::UploadRequest::kTrailer:
      return TakeTrailer(request.trailer());
    case v1::UploadRequest::PART_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("a message is neither header nor chunk nor trailer");
}

absl::Status UploadReactor::TakeTrailer(const v1::UploadTrailer& trailer) {
  STORED_ASSIGN_OR_RETURN(const Sha256Digest sha256,
                          marshalling::DigestFromProto(trailer.sha256(), "trailer.sha256"));
  STORED_ASSIGN_OR_RETURN(const storage::StoreSession session,
                          receiver_.OnTrailer(trailer.size(), sha256));
  accepted_ = engine::StatusOf(session);
  return absl::OkStatus();
}

void UploadReactor::FinishWith(const absl::Status& status) {
  call_.Add("product", receiver_.request().product);
  call_.Add("run", receiver_.request().run_name);
  call_.Add("bytes", fmt::format("{}", receiver_.received_bytes()));
  Finish(call_.End(status));
}

namespace {

class TokenReactor final : public UploadReactor {
 public:
  TokenReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
               v1::UploadResponse* response)
      : UploadReactor(context, rpc, "Upload"), response_(response) {}

  void OnDone() override { delete this; }

 protected:
  void OnAccepted(const engine::LiveStatus& status) override {
    const std::string& token = status.session.token;
    response_->set_token(token);
    const std::shared_ptr<const engine::LiveStatus> live = stores_.statuses().FindLive(token);
    *response_->mutable_status() = ToMessage(stores_, live == nullptr ? status : *live);
    FinishWith(absl::OkStatus());
  }

 private:
  v1::UploadResponse* const response_;
};

class BlockingStoreReactor final : public UploadReactor {
 public:
  BlockingStoreReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                       v1::StoreStatus* response)
      : UploadReactor(context, rpc, "Store"),
        response_(response),
        waiter_(std::make_shared<Waiter>(*this)) {}

  void OnCancel() override { waiter_->End(absl::CancelledError("the client went away")); }

  void OnDone() override {
    if (!token_.empty()) stores_.statuses().Unwatch(token_, waiter_);
    delete this;
  }

 protected:
  // From Arm() on another thread may end the call and delete the reactor, so this function then
  // uses only its local copies.
  void OnAccepted(const engine::LiveStatus& accepted) override {
    token_ = accepted.session.token;
    const std::string token = token_;
    const std::shared_ptr<Waiter> waiter = waiter_;
    const engine::Stores& stores = stores_;
    if (waiter->Arm()) return;
    const absl::Status watching = stores.statuses().Watch(token, waiter);
    if (!watching.ok()) waiter->End(watching);
  }

 private:
  // Ends the call once: when the store ends, the server stops or the client goes away, whichever
  // comes first.
  class Waiter final : public engine::StatusWatcher {
   public:
    explicit Waiter(BlockingStoreReactor& reactor) : reactor_(reactor) {}

    // Allows this object to end the call. Ends it at once, and returns true, if the client went
    // away before.
    bool Arm() ABSL_LOCKS_EXCLUDED(mutex_) {
      const MutexLock lock(mutex_);
      armed_ = true;
      if (early_end_) EndLocked(*early_end_);
      return ended_;
    }

    void OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) override {
      if (!storage::IsFinal(status->session.state)) return;
      const MutexLock lock(mutex_);
      if (ended_) return;
      *reactor_.response_ = ToMessage(reactor_.stores_, *status);
      reactor_.stores_.NoteConsumed(*status);
      EndLocked(absl::OkStatus());
    }

    void OnClosed() override {
      End(absl::UnavailableError(
          "the server is stopping; the store continues when it is back: send the same upload again "
          "to learn its outcome"));
    }

    void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
      const MutexLock lock(mutex_);
      if (armed_) {
        EndLocked(status);
      } else {
        early_end_ = status;
      }
    }

   private:
    void EndLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      if (std::exchange(ended_, true)) return;
      reactor_.FinishWith(status);
    }

    // Deleted once gRPC has ended the call, so it must not be used while `ended_` is true.
    BlockingStoreReactor& reactor_;
    Mutex mutex_;
    bool armed_ ABSL_GUARDED_BY(mutex_) = false;
    bool ended_ ABSL_GUARDED_BY(mutex_) = false;
    // The status of a call of End() before Arm().
    std::optional<absl::Status> early_end_ ABSL_GUARDED_BY(mutex_);
  };

  v1::StoreStatus* const response_;
  std::shared_ptr<Waiter> waiter_;
  std::string token_;
};

}  // namespace

UploadReactor* NewUploadReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                v1::UploadResponse* response) {
  return std::make_unique<TokenReactor>(context, rpc, response).release();
}

UploadReactor* NewBlockingStoreReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                       v1::StoreStatus* response) {
  return std::make_unique<BlockingStoreReactor>(context, rpc, response).release();
}

}  // namespace stored::services
