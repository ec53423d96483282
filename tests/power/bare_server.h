#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/files/file_system.h"
#include "engine/intake/upload_receiver.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/work/executor.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored {

// stored without its network: starts on a data directory as server/server.cc does, but for the
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

  storage::Backend& store() { return *store_; }
  storage::SessionQueue& queue() { return store_->queue(); }
  storage::Spool& spool() { return *spool_; }
  engine::StatusHub& hub() { return hub_; }

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

  std::unique_ptr<engine::Executor> NewExecutor();
  absl::Status SendHalf(const storage::StoreRequest& request, const std::string& payload);
  absl::StatusOr<storage::StoreSession> SendFrom(size_t offset,
                                                 const storage::StoreRequest& request,
                                                 const std::string& payload);

  const Options options_;
  std::unique_ptr<storage::Backend> store_;
  std::unique_ptr<storage::Spool> spool_;
  engine::StatusHub hub_;
  engine::PollAdvice advice_;
  std::unique_ptr<engine::UploadRegistry> registry_;
  std::unique_ptr<engine::UploadContext> context_;
  std::unique_ptr<engine::Executor> executor_;
  bool working_ = false;
};

}  // namespace stored
