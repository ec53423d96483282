#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/intake/upload_receiver.h"
#include "engine/intake/upload_slots.h"
#include "services/call.h"
#include "services/service_context.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// One call of Upload or Store: processes the stream, message by message, on the threads for
// uploads, and reads the next message while it processes one. A derived class responds once the
// upload has been accepted, and deletes itself in OnDone().
class UploadReactor : public grpc::ServerReadReactor<v1::UploadRequest>,
                      private engine::ArrivingUpload {
 public:
  UploadReactor(ServiceContext& context, grpc::CallbackServerContext* rpc, std::string_view method);

  void OnReadDone(bool ok) override;

 protected:
  // Called once, when the upload has been accepted. Must lead to exactly one call of FinishWith().
  virtual void OnAccepted(const engine::LiveStatus& status) = 0;
  // Writes the log line and ends the call.
  void FinishWith(const absl::Status& status);

  ServiceContext& context_;
  engine::Stores& stores_;

 private:
  bool EndIfQuietFor(absl::Duration limit) override;
  // Processes the message that was read. Runs on a thread for uploads.
  // REQUIRES: `busy_` is true.
  void Receive();
  // Posts Receive() for the next message if it has been read; otherwise OnReadDone() will do so.
  void Continue();
  absl::Status Take(const v1::UploadRequest& request);
  absl::Status TakeTrailer(const v1::UploadTrailer& trailer);

  Call call_;
  // The message that gRPC is reading; then the next one to process.
  v1::UploadRequest next_;
  // The status of the store once the upload has been accepted.
  std::optional<engine::LiveStatus> accepted_;

  Mutex mutex_;
  // True while a thread owns the call: a message is queued or being processed, or the call is
  // finishing. The thread that sets it must process the next message or finish the call.
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  // The result of the read whose message is in `next_`; not set while the read is under way.
  std::optional<bool> read_ ABSL_GUARDED_BY(mutex_);
  // When the server began to wait for the client, by the monotonic clock.
  absl::Duration quiet_since_ ABSL_GUARDED_BY(mutex_);

  // The last member, because EndIfQuietFor(), which uses the others, may be called until its
  // destructor has released the slot.
  engine::UploadReceiver receiver_;
};

// Starts a call of Upload, which responds with the token.
UploadReactor* NewUploadReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                v1::UploadResponse* response);
// Starts a call of Store, which waits for the end and responds with the final status.
UploadReactor* NewBlockingStoreReactor(ServiceContext& context, grpc::CallbackServerContext* rpc,
                                       v1::StoreStatus* response);

}  // namespace stored::services
