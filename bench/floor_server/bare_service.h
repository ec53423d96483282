#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "stored/v1/store_service.grpc.pb.h"

namespace stored::bench {

// The least that a service with stored's messages can do: no queue, no checks, no log. It returns a
// status that it was given.
class BareService final : public v1::StoreService::CallbackService {
 public:
  // Uploads are written to `directory`.
  BareService(std::string directory, v1::StoreStatus status);

  // Writes every chunk at its offset, syncs at the end, responds, and then removes the file.
  grpc::ServerReadReactor<v1::UploadRequest>* Upload(grpc::CallbackServerContext* call,
                                                     v1::UploadResponse* response) override;
  // Returns the given status with the token of the request.
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call,
                                      const v1::GetStatusRequest* request,
                                      v1::StoreStatus* response) override;
  // Sends one message at once; then the stream idles until a client calls CancelStore.
  grpc::ServerWriteReactor<v1::StoreStatus>* WatchStatus(
      grpc::CallbackServerContext* call, const v1::WatchStatusRequest* request) override;
  // Sends a last message on every stream. `finished_at` of its response is the time before that.
  grpc::ServerUnaryReactor* CancelStore(grpc::CallbackServerContext* call,
                                        const v1::CancelStoreRequest* request,
                                        v1::StoreStatus* response) override;

 private:
  class Watcher;

  const std::string directory_;
  const v1::StoreStatus status_;
  Mutex mutex_;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::bench
