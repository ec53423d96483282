#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/intake/upload_receiver.h"
#include "engine/intake/upload_slots.h"
#include "services/request_log.h"
#include "services/status_answers.h"
#include "services/store_service.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// One call of Upload or Store: takes the stream, message by message, on the threads for uploads,
// and reads the next message while it takes one; what comes after the token is the derived class's.
// Deletes itself when gRPC is done with it.
class UploadReactor : public grpc::ServerReadReactor<v1::UploadRequest>,
                      private engine::ArrivingUpload {
 public:
  UploadReactor(ServiceContext& context, engine::UploadContext& upload_context,
                const std::atomic<bool>& accepting, grpc::CallbackServerContext* call,
                std::string_view method);

  void OnReadDone(bool ok) override;

 protected:
  // The upload has been accepted; to end in one call of FinishWith.
  virtual void OnAccepted(const engine::LiveStatus& status) = 0;
  // Writes the log line and ends the call.
  void FinishWith(const absl::Status& status);

  ServiceContext& context_;
  RequestLog log_;

 private:
  bool EndIfQuietFor(absl::Duration limit) override;
  // On a thread for uploads, while `busy_`. Takes the message that was read.
  void Receive();
  // Goes on when the next message is there, or comes.
  void Continue();
  absl::Status Take(const v1::UploadRequest& request);
  absl::Status TakeTrailer(const v1::UploadTrailer& trailer);

  const std::atomic<bool>& accepting_;
  grpc::CallbackServerContext* const call_;
  // What is read into, while it is; then the next to be taken.
  v1::UploadRequest next_;
  std::optional<engine::LiveStatus> accepted_;

  std::mutex mutex_;
  // Under the mutex. Whether somebody has the call in hand: a message is taken or is to be, or the
  // call has ended or is about to. Who makes it true goes on with the call.
  bool busy_ = false;
  // How the read ended whose message is in `next_`; none while it is under way.
  std::optional<bool> read_;
  // Monotonic time since which the client is waited for.
  absl::Duration quiet_since_;

  // Last: while it is destroyed, the connection may still be asked whether it is quiet.
  engine::UploadReceiver receiver_;
};

// Upload: answers with the token.
UploadReactor* NewUploadReactor(ServiceContext& context, engine::UploadContext& upload_context,
                                const StatusAnswers& answers, const std::atomic<bool>& accepting,
                                grpc::CallbackServerContext* call, v1::UploadResponse* response);
// Store: waits for the end and answers with the final status.
UploadReactor* NewBlockingStoreReactor(ServiceContext& context,
                                       engine::UploadContext& upload_context,
                                       const StatusAnswers& answers,
                                       const std::atomic<bool>& accepting,
                                       grpc::CallbackServerContext* call,
                                       v1::StoreStatus* response);

}  // namespace stored::services
