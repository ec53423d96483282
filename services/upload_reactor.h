#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "services/request_log.h"
#include "services/status_answers.h"
#include "services/store_service.h"
#include "services/upload_receiver.h"
#include "services/upload_slots.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// One call of Upload or Store: reads the stream, message by message, on the threads for uploads;
// what comes after the token is the derived class's. Deletes itself when gRPC is done with it.
class UploadReactor : public grpc::ServerReadReactor<v1::UploadRequest>, private ArrivingUpload {
 public:
  UploadReactor(ServiceContext& context, UploadContext& upload_context,
                const std::atomic<bool>& accepting, grpc::CallbackServerContext* call,
                std::string_view method);

  void OnReadDone(bool ok) override;

 protected:
  // The upload has been accepted; to end in one call of FinishWith.
  virtual void OnAccepted(const LiveStatus& status) = 0;
  // Writes the log line and ends the call.
  void FinishWith(const absl::Status& status);

  ServiceContext& context_;
  RequestLog log_;

 private:
  void Read();
  bool EndIfQuietFor(absl::Duration limit) override;
  // On a thread for uploads.
  void Receive(bool ok);
  absl::Status Take(const v1::UploadRequest& request);
  absl::Status TakeTrailer(const v1::UploadTrailer& trailer);

  const std::atomic<bool>& accepting_;
  grpc::CallbackServerContext* const call_;
  v1::UploadRequest request_;
  std::optional<LiveStatus> accepted_;
  // Monotonic nanoseconds since which the client is waited for.
  std::atomic<int64_t> quiet_since_ = 0;
  // Whether it is. Who makes it false goes on with the call: the message that comes, or the end
  // because none does.
  std::atomic<bool> reading_ = false;
  // Last: while it is destroyed, the connection may still be asked whether it is quiet.
  UploadReceiver receiver_;
};

// Upload: answers with the token.
UploadReactor* NewUploadReactor(ServiceContext& context, UploadContext& upload_context,
                                const StatusAnswers& answers, const std::atomic<bool>& accepting,
                                grpc::CallbackServerContext* call, v1::UploadResponse* response);
// Store: waits for the end and answers with the final status.
UploadReactor* NewBlockingStoreReactor(ServiceContext& context, UploadContext& upload_context,
                                       const StatusAnswers& answers,
                                       const std::atomic<bool>& accepting,
                                       grpc::CallbackServerContext* call,
                                       v1::StoreStatus* response);

}  // namespace stored::services
