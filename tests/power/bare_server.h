#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/files/file_system.h"
#include "engine/lanes.h"
#include "engine/products.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/stores.h"
#include "engine/work/executor.h"
#include "storage/backend.h"
#include "storage/spool/spool.h"

namespace stored {

// stored without its network: starts on a data directory as server/server.cc does, but without
// workers, and receives uploads in the calling thread. The destructor stops it cleanly, unless the
// power is cut.
class BareServer {
 public:
  struct Options {
    int workers = 1;
    int max_attempts = 3;
  };
  // REQUIRES: `files` outlives the server.
  static absl::StatusOr<std::unique_ptr<BareServer>> Start(const std::string& directory,
                                                           FileSystem& files,
                                                           const Options& options);

  storage::Backend& backend() { return *backend_; }
  storage::SessionQueue& queue() { return backend_->queue(); }
  storage::Spool& spool() { return *spool_; }
  engine::StatusHub& hub() { return hub_; }
  engine::Stores& stores() { return *stores_; }
  engine::Products& products() { return *products_; }

  // Uploads `payload` as the client library does: resumes where an earlier connection under this
  // upload_id ended, and sends all of it again if the parts together are invalid. With `broken`,
  // first sends one half over a connection that then breaks.
  absl::StatusOr<storage::StoreSession> Upload(const storage::StoreRequest& request,
                                               const std::string& payload, bool broken);

  // Returns false if the workers run already. For errors see Executor::Start.
  absl::StatusOr<bool> StartWorkers();
  void StopWorkers();

 private:
  explicit BareServer(const Options& options) : options_(options) {}

  // Creates an executor, which runs no workers yet, and the stores that wake it. Ends the workers
  // of the one before.
  void CreateExecutor();
  absl::Status SendHalf(const storage::StoreRequest& request, const std::string& payload);
  absl::StatusOr<storage::StoreSession> SendFrom(size_t offset,
                                                 const storage::StoreRequest& request,
                                                 const std::string& payload);

  const Options options_;
  std::unique_ptr<storage::Backend> backend_;
  std::unique_ptr<storage::Spool> spool_;
  engine::StatusHub hub_;
  engine::PollAdvice advice_;
  engine::WorkThreads notes_{1};
  std::unique_ptr<engine::Executor> executor_;
  std::unique_ptr<engine::Stores> stores_;
  std::unique_ptr<engine::Products> products_;
  bool working_ = false;
};

}  // namespace stored
