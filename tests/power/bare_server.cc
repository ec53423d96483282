#include "tests/power/bare_server.h"

#include <utility>

#include "base/sha256.h"
#include "base/status.h"
#include "base/time/clock.h"
#include "engine/intake/upload_receiver.h"
#include "engine/work/recovery.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored {

using engine::UploadReceiver;
using storage::StoreRequest;
using storage::StoreSession;

absl::StatusOr<std::unique_ptr<BareServer>> BareServer::Start(const std::string& directory,
                                                              FileSystem& files,
                                                              const Options& options) {
  std::unique_ptr<BareServer> server(new BareServer(options));
  STORED_RETURN_IF_ERROR(CreateDirectories(directory, files));
  STORED_ASSIGN_OR_RETURN(server->backend_, storage::sqlite::OpenSqliteBackend(
                                                directory, Clock::System().Now(), files));
  STORED_ASSIGN_OR_RETURN(server->spool_, storage::Spool::Open(directory + "/spool", files));
  server->products_ = std::make_unique<engine::Products>(*server->backend_, *server->spool_,
                                                         server->hub_, Clock::System());
  server->CreateExecutor();
  engine::RecoveryOptions recovery;
  recovery.max_attempts = options.max_attempts;
  STORED_RETURN_IF_ERROR(
      engine::Recover(*server->backend_, *server->spool_, server->hub_, Clock::System(), recovery));
  return server;
}

void BareServer::CreateExecutor() {
  engine::Executor::Options options;
  options.workers = options_.workers;
  stores_.reset();
  executor_ = std::make_unique<engine::Executor>(*backend_, *spool_, hub_, advice_, Clock::System(),
                                                 options);
  stores_ = std::make_unique<engine::Stores>(
      engine::Stores::Parts{*backend_, *spool_, hub_, advice_, *executor_, notes_, Clock::System()},
      engine::UploadLimits{});
}

absl::StatusOr<bool> BareServer::StartWorkers() {
  if (working_) return false;
  STORED_RETURN_IF_ERROR(executor_->Start());
  working_ = true;
  return true;
}

void BareServer::StopWorkers() {
  working_ = false;
  CreateExecutor();
}

absl::Status BareServer::SendHalf(const StoreRequest& request, const std::string& payload) {
  UploadReceiver receiver(stores_->uploads());
  STORED_RETURN_IF_ERROR(receiver.OnHeader({request}));
  return receiver.OnChunk(0, payload.substr(0, payload.size() / 2), {});
}

absl::StatusOr<StoreSession> BareServer::SendFrom(size_t offset, const StoreRequest& request,
                                                  const std::string& payload) {
  UploadReceiver receiver(stores_->uploads());
  STORED_RETURN_IF_ERROR(receiver.OnHeader({request}));
  STORED_RETURN_IF_ERROR(
      receiver.OnChunk(static_cast<int64_t>(offset), payload.substr(offset), {}));
  return receiver.OnTrailer(static_cast<int64_t>(payload.size()), Sha256::Of(payload));
}

absl::StatusOr<StoreSession> BareServer::Upload(const StoreRequest& request,
                                                const std::string& payload, bool broken) {
  if (broken) STORED_RETURN_IF_ERROR(SendHalf(request, payload));
  const absl::StatusOr<int64_t> committed =
      stores_->uploads().registry.CommittedSize(request.upload_id);
  const auto offset = static_cast<size_t>(committed.value_or(0));
  absl::StatusOr<StoreSession> session = SendFrom(offset, request, payload);
  // The bytes that survived a loss of power need not be a prefix of the payload.
  if (absl::IsDataLoss(session.status()) || absl::IsInvalidArgument(session.status())) {
    session = SendFrom(0, request, payload);
  }
  return session;
}

}  // namespace stored
