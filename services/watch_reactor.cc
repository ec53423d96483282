#include "services/watch_reactor.h"

#include <utility>

#include "services/status_message.h"

namespace stored::services {

grpc::ServerWriteReactor<v1::StoreStatus>* WatchReactor::Start(ServiceContext& context,
                                                               grpc::CallbackServerContext* rpc,
                                                               const std::string& token) {
  auto reactor = std::make_shared<WatchReactor>(context, rpc, token);
  reactor->self_ = reactor;
  context.statuses.Post([reactor] { reactor->Begin(); });
  return reactor.get();
}

WatchReactor::WatchReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                           std::string token)
    : stores_(context.stores), token_(std::move(token)), call_(context.clock, rpc, "WatchStatus") {
  call_.Add("token", token_);
}

void WatchReactor::Begin() {
  const absl::Status watching = stores_.statuses().Watch(token_, shared_from_this());
  if (!watching.ok()) EndWith(watching);
  bool gone = false;
  {
    const MutexLock lock(mutex_);
    gone = finished_;
  }
  // If the call ended before Watch() added this watcher, OnDone() may have removed it too early.
  if (gone) stores_.statuses().Unwatch(token_, shared_from_this());
}

void WatchReactor::OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) {
  const MutexLock lock(mutex_);
  next_ = status;
  Advance();
}

void WatchReactor::OnClosed() {
  EndWith(absl::UnavailableError("the server is stopping: watch again in a moment"));
}

void WatchReactor::OnCancel() { EndWith(absl::CancelledError("the client went away")); }

void WatchReactor::EndWith(const absl::Status& status) {
  const MutexLock lock(mutex_);
  if (!end_) end_ = status;
  Advance();
}

void WatchReactor::OnWriteDone(bool ok) {
  const MutexLock lock(mutex_);
  writing_ = false;
  if (!ok && !end_) end_ = absl::CancelledError("the client went away");
  Advance();
}

void WatchReactor::Advance() {
  if (writing_ || finished_) return;
  if (!end_ && final_written_) end_ = absl::OkStatus();
  if (end_) {
    finished_ = true;
    Finish(call_.End(*end_));
    return;
  }
  if (next_ == nullptr) return;
  writing_ = true;
  message_ = ToMessage(stores_, *next_);
  if (storage::IsFinal(next_->session.state)) {
    final_written_ = true;
    stores_.NoteConsumed(*next_);
  }
  next_ = nullptr;
  StartWrite(&message_);
}

void WatchReactor::OnDone() {
  stores_.statuses().Unwatch(token_, shared_from_this());
  const std::shared_ptr<WatchReactor> last = std::move(self_);
}

}  // namespace stored::services
