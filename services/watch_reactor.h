#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>

#include "engine/status/status_hub.h"
#include "services/request_log.h"
#include "services/status_answers.h"
#include "services/store_service.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// One call of WatchStatus: an object that the hub tells of changes. While a message is on its way
// newer states replace one another, so a slow client costs one state and gets the newest.
class WatchReactor final : public grpc::ServerWriteReactor<v1::StoreStatus>,
                           public engine::StatusWatcher,
                           public std::enable_shared_from_this<WatchReactor> {
 public:
  // Starts the call. The reactor keeps itself until gRPC is done with it.
  static grpc::ServerWriteReactor<v1::StoreStatus>* Start(ServiceContext& context,
                                                          const StatusAnswers& answers,
                                                          grpc::CallbackServerContext* call,
                                                          const std::string& token);

  WatchReactor(ServiceContext& context, const StatusAnswers& answers,
               grpc::CallbackServerContext* call, std::string token);

  void OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) override;
  void OnClosed() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Looks the store up and starts watching; on a thread that may wait for a database.
  void Begin();
  void EndWith(const absl::Status& status);
  // With the mutex held: does what there is to do next, unless a write is under way.
  void Advance();

  ServiceContext& context_;
  const StatusAnswers& answers_;
  const std::string token_;
  std::shared_ptr<WatchReactor> self_;

  std::mutex mutex_;
  // Under the mutex.
  RequestLog log_;
  std::shared_ptr<const engine::LiveStatus> next_;
  v1::StoreStatus message_;
  bool writing_ = false;
  bool final_written_ = false;
  std::optional<absl::Status> end_;
  bool finished_ = false;
};

}  // namespace stored::services
