#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "engine/status/status_hub.h"
#include "services/call.h"
#include "services/service_context.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// One call of WatchStatus. The hub tells it of every change; no thread waits. While a message is
// being written, a newer state replaces the one that waits to be written, so a slow client costs
// the memory of one state and gets the newest.
class WatchReactor final : public grpc::ServerWriteReactor<v1::StoreStatus>,
                           public engine::StatusWatcher,
                           public std::enable_shared_from_this<WatchReactor> {
 public:
  // Starts the call. The reactor owns itself until gRPC is done with it.
  static grpc::ServerWriteReactor<v1::StoreStatus>* Start(ServiceContext& context,
                                                          grpc::CallbackServerContext* rpc,
                                                          const std::string& token);

  WatchReactor(ServiceContext& context, grpc::CallbackServerContext* rpc, std::string token);

  void OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) override;
  void OnClosed() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Finds the store and starts watching. Runs on a thread that may wait for a database.
  void Begin();
  // Ends the call with `status` after the write that is under way, unless it has an end already.
  void EndWith(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Finishes the call or starts the next write, unless a write is under way.
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  engine::Stores& stores_;
  const std::string token_;
  // Keeps the object alive until OnDone().
  std::shared_ptr<WatchReactor> self_;

  Mutex mutex_;
  Call call_ ABSL_GUARDED_BY(mutex_);
  // The state to write next; null if there is none.
  std::shared_ptr<const engine::LiveStatus> next_ ABSL_GUARDED_BY(mutex_);
  // The message that gRPC is writing while `writing_` is true.
  v1::StoreStatus message_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool final_written_ ABSL_GUARDED_BY(mutex_) = false;
  // The status to finish the call with, once it is known.
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace stored::services
