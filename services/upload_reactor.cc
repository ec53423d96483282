#include "services/upload_reactor.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "base/status.h"
#include "base/time/retry_pushback.h"
#include "marshalling/store_marshalling.h"
#include "services/grpc_status.h"

namespace stored::services {

UploadReactor::UploadReactor(ServiceContext& context, engine::UploadContext& upload_context,
                             const std::atomic<bool>& accepting, grpc::CallbackServerContext* call,
                             std::string_view method)
    : context_(context),
      log_(context.clock, method, call->peer()),
      accepting_(accepting),
      call_(call),
      quiet_since_(context.clock.Monotonic()),
      receiver_(upload_context, this) {
  StartRead(&next_);
}

bool UploadReactor::EndIfQuietFor(absl::Duration limit) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_ || context_.clock.Monotonic() - quiet_since_ < limit) return false;
    busy_ = true;
  }
  FinishWith(absl::UnavailableError(
      fmt::format("nothing came for {} and others wait for room (--quiet-upload-timeout): go on "
                  "where GetUpload says",
                  absl::FormatDuration(limit))));
  return true;
}

void UploadReactor::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    read_ = ok;
    if (std::exchange(busy_, true)) return;
  }
  context_.uploads.Post([this] { Receive(); });
}

void UploadReactor::Receive() {
  bool ok = false;
  {
    const std::lock_guard lock(mutex_);
    ok = *std::exchange(read_, std::nullopt);
  }
  if (!ok) {
    FinishWith(call_->IsCancelled()
                   ? absl::CancelledError("the connection ended before the trailer")
                   : absl::InvalidArgumentError("the upload ended without a trailer"));
    return;
  }
  absl::Status status;
  {
    // Waiting, for the client or for a thread, takes no memory but one message and the client's
    // own window.
    v1::UploadRequest request;
    request.Swap(&next_);
    // Nothing is to follow the trailer.
    if (!request.has_trailer()) StartRead(&next_);
    status = Take(request);
  }
  if (!status.ok()) {
    FinishWith(status);
  } else if (accepted_) {
    context_.executor.Wake();
    OnAccepted(*accepted_);
  } else {
    Continue();
  }
}

void UploadReactor::Continue() {
  {
    const std::lock_guard lock(mutex_);
    busy_ = read_.has_value();
    if (!busy_) {
      quiet_since_ = context_.clock.Monotonic();
      return;
    }
  }
  // In turn with other uploads.
  context_.uploads.Post([this] { Receive(); });
}

absl::Status UploadReactor::Take(const v1::UploadRequest& request) {
  if (!accepting_) {
    return absl::UnavailableError("the server is stopping: try again in a moment");
  }
  switch (request.part_case()) {
    case v1::UploadRequest::kHeader: {
      STORED_ASSIGN_OR_RETURN(const engine::UploadReceiver::Header header,
                              marshalling::FromProto(request.header()));
      return receiver_.OnHeader(header);
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
  log_.Add("product", receiver_.request().product);
  log_.Add("run", receiver_.request().run_name);
  log_.Add("bytes", fmt::format("{}", receiver_.received_bytes()));
  log_.Done(status);
  if (const auto pushback = RetryPushbackOf(status)) {
    call_->AddTrailingMetadata("grpc-retry-pushback-ms",
                               fmt::format("{}", absl::ToInt64Milliseconds(*pushback)));
  }
  Finish(ToGrpc(status));
}

namespace {

class TokenReactor final : public UploadReactor {
 public:
  TokenReactor(ServiceContext& context, engine::UploadContext& upload_context,
               const StatusAnswers& answers, const std::atomic<bool>& accepting,
               grpc::CallbackServerContext* call, v1::UploadResponse* response)
      : UploadReactor(context, upload_context, accepting, call, "Upload"),
        answers_(answers),
        response_(response) {}

  void OnDone() override { delete this; }

 protected:
  void OnAccepted(const engine::LiveStatus& status) override {
    response_->set_token(status.session.token);
    const std::shared_ptr<const engine::LiveStatus> live = answers_.FindLive(status.session.token);
    *response_->mutable_status() = answers_.Answer(live == nullptr ? status : *live);
    FinishWith(absl::OkStatus());
  }

 private:
  const StatusAnswers& answers_;
  v1::UploadResponse* const response_;
};

class BlockingStoreReactor final : public UploadReactor {
 public:
  BlockingStoreReactor(ServiceContext& context, engine::UploadContext& upload_context,
                       const StatusAnswers& answers, const std::atomic<bool>& accepting,
                       grpc::CallbackServerContext* call, v1::StoreStatus* response)
      : UploadReactor(context, upload_context, accepting, call, "Store"),
        answers_(answers),
        response_(response),
        waiter_(std::make_shared<Waiter>(*this)) {}

  void OnCancel() override { waiter_->End(absl::CancelledError("the client went away")); }

  void OnDone() override {
    if (!token_.empty()) context_.hub.RemoveWatcher(token_, waiter_);
    delete this;
  }

 protected:
  // Once the call has ended the reactor may be gone: after Arm only what is held here is touched.
  void OnAccepted(const engine::LiveStatus& accepted) override {
    token_ = accepted.session.token;
    const std::string token = token_;
    const std::shared_ptr<Waiter> waiter = waiter_;
    const StatusAnswers& answers = answers_;
    if (waiter->Arm()) return;
    const absl::Status watching = answers.Watch(token, waiter);
    if (!watching.ok()) waiter->End(watching);
  }

 private:
  // Ends the call once, whoever comes first: the store's end, the server's, or the client's.
  class Waiter final : public engine::StatusWatcher {
   public:
    explicit Waiter(BlockingStoreReactor& reactor) : reactor_(reactor) {}

    // From now on the call is ended by this object. True when it ended at once, because the client
    // has gone meanwhile.
    bool Arm() {
      const std::lock_guard lock(mutex_);
      armed_ = true;
      if (early_end_) EndLocked(*early_end_);
      return ended_;
    }

    void OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) override {
      if (!storage::IsFinal(status->session.state)) return;
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      *reactor_.response_ = reactor_.answers_.Answer(*status);
      reactor_.answers_.NoteConsumed(*status);
      EndLocked(absl::OkStatus());
    }

    void OnClosed() override {
      End(
          absl::UnavailableError("the server is stopping; the store goes on when it is back: "
                                 "send the same upload again to learn its outcome"));
    }

    void End(const absl::Status& status) {
      const std::lock_guard lock(mutex_);
      if (armed_) {
        EndLocked(status);
      } else {
        early_end_ = status;
      }
    }

   private:
    void EndLocked(const absl::Status& status) {
      if (std::exchange(ended_, true)) return;
      reactor_.FinishWith(status);
    }

    BlockingStoreReactor& reactor_;
    std::mutex mutex_;
    bool armed_ = false;
    bool ended_ = false;
    std::optional<absl::Status> early_end_;
  };

  const StatusAnswers& answers_;
  v1::StoreStatus* const response_;
  std::shared_ptr<Waiter> waiter_;
  std::string token_;
};

}  // namespace

UploadReactor* NewUploadReactor(ServiceContext& context, engine::UploadContext& upload_context,
                                const StatusAnswers& answers, const std::atomic<bool>& accepting,
                                grpc::CallbackServerContext* call, v1::UploadResponse* response) {
  return std::make_unique<TokenReactor>(context, upload_context, answers, accepting, call, response)
      .release();
}

UploadReactor* NewBlockingStoreReactor(ServiceContext& context,
                                       engine::UploadContext& upload_context,
                                       const StatusAnswers& answers,
                                       const std::atomic<bool>& accepting,
                                       grpc::CallbackServerContext* call,
                                       v1::StoreStatus* response) {
  return std::make_unique<BlockingStoreReactor>(context, upload_context, answers, accepting, call,
                                                response)
      .release();
}

}  // namespace stored::services
