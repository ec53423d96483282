#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/file_system.h"
#include "services/executor.h"
#include "services/poll_advice.h"
#include "services/status_hub.h"
#include "services/upload_receiver.h"
#include "storage/spool.h"
#include "storage/store.h"

namespace stored {

// stored without its network: starts on a data directory as services/server.cc does, but for the
// workers, and takes uploads as a connection brings them. Its end is a clean stop, as far as there
// is power.
class BareServer {
 public:
  struct Options {
    int workers = 1;
    int max_attempts = 3;
  };
  // `files` outlives it.
  static absl::StatusOr<std::unique_ptr<BareServer>> Start(const std::string& directory,
                                                           FileSystem& files,
                                                           const Options& options);

  storage::Store& store() { return *store_; }
  storage::SessionQueue& queue() { return store_->queue(); }
  storage::Spool& spool() { return *spool_; }
  services::StatusHub& hub() { return hub_; }

  // Goes on where an earlier connection under this upload_id ended, as the client library does;
  // where that makes no whole, starts again. With `broken`, the first half goes over a connection
  // of its own.
  absl::StatusOr<storage::StoreSession> Upload(const storage::StoreRequest& request,
                                               const std::string& payload, bool broken);

  // As the RPCs do, payloads of stores that end thereby included.
  absl::StatusOr<storage::StoreSession> Cancel(const std::string& token);
  absl::Status DeleteProduct(const std::string& name);

  // False when they work already. An error: see Executor::Start.
  absl::StatusOr<bool> StartWorkers();
  void StopWorkers();

 private:
  explicit BareServer(const Options& options) : options_(options) {}

  std::unique_ptr<services::Executor> NewExecutor();
  absl::Status SendHalf(const storage::StoreRequest& request, const std::string& payload);
  absl::StatusOr<storage::StoreSession> SendFrom(size_t offset,
                                                 const storage::StoreRequest& request,
                                                 const std::string& payload);

  const Options options_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::Spool> spool_;
  services::StatusHub hub_;
  services::PollAdvice advice_;
  std::unique_ptr<services::UploadRegistry> registry_;
  std::unique_ptr<services::UploadContext> context_;
  std::unique_ptr<services::Executor> executor_;
  bool working_ = false;
};

}  // namespace stored
