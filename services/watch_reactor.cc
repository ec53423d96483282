#include "services/watch_reactor.h"

#include <utility>

#include "services/grpc_status.h"

namespace stored::services {

grpc::ServerWriteReactor<v1::StoreStatus>* WatchReactor::Start(ServiceContext& context,
                                                               const StatusAnswers& answers,
                                                               grpc::CallbackServerContext* call,
                                                               const std::string& token) {
  auto reactor = std::make_shared<WatchReactor>(context, answers, call, token);
  reactor->self_ = reactor;
  context.statuses.Post([reactor] { reactor->Begin(); });
  return reactor.get();
}

WatchReactor::WatchReactor(ServiceContext& context, const StatusAnswers& answers,
                           grpc::CallbackServerContext* call, std::string token)
    : context_(context),
      answers_(answers),
      token_(std::move(token)),
      log_(context.clock, "WatchStatus", call->peer()) {
  log_.Add("token", token_);
}

void WatchReactor::Begin() {
  const absl::Status watching = answers_.Watch(token_, shared_from_this());
  if (!watching.ok()) EndWith(watching);
  bool gone = false;
  {
    const std::lock_guard lock(mutex_);
    gone = finished_;
  }
  // gRPC may have been done with the call before the hub knew of it.
  if (gone) context_.hub.RemoveWatcher(token_, shared_from_this());
}

void WatchReactor::OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) {
  const std::lock_guard lock(mutex_);
  next_ = status;
  Advance();
}

void WatchReactor::OnClosed() {
  EndWith(absl::UnavailableError("the server is stopping: watch again in a moment"));
}

void WatchReactor::OnCancel() { EndWith(absl::CancelledError("the client went away")); }

void WatchReactor::EndWith(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (!end_) end_ = status;
  Advance();
}

void WatchReactor::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok && !end_) end_ = absl::CancelledError("the client went away");
  Advance();
}

void WatchReactor::Advance() {
  if (writing_ || finished_) return;
  if (!end_ && final_written_) end_ = absl::OkStatus();
  if (end_) {
    finished_ = true;
    log_.Done(*end_);
    Finish(ToGrpc(*end_));
    return;
  }
  if (next_ == nullptr) return;
  writing_ = true;
  message_ = answers_.Answer(*next_);
  if (storage::IsFinal(next_->session.state)) {
    final_written_ = true;
    answers_.NoteConsumed(*next_);
  }
  next_ = nullptr;
  StartWrite(&message_);
}

void WatchReactor::OnDone() {
  context_.hub.RemoveWatcher(token_, shared_from_this());
  const std::shared_ptr<WatchReactor> last = std::move(self_);
}

}  // namespace stored::services
