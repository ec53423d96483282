#include "server/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/status.h"
#include "engine/lanes.h"
#include "engine/products.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/stores.h"
#include "engine/upkeep/garbage_collector.h"
#include "engine/work/executor.h"
#include "engine/work/recovery.h"
#include "grpc/health/v1/health.pb.h"
#include "services/admin_service.h"
#include "services/connection_arguments.h"
#include "services/product_service.h"
#include "services/report_service.h"
#include "services/service_context.h"
#include "services/store_service.h"
#include "storage/spool/spool.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::server {
namespace {

constexpr int kQueryThreads = 2;
constexpr int kStatusThreads = 2;
constexpr int kUploadThreads = 2;
constexpr int kNoteThreads = 1;
constexpr int kChangeThreads = 2;
// How long calls may take to end by themselves when the server stops.
constexpr auto kCallGrace = std::chrono::seconds(2);

constexpr std::string_view kUnixPrefix = "unix:";

// Returns true if a process listens on the socket. Binding removes any socket at `path`, so a
// process that listens there would lose its socket unnoticed. A server that died leaves a socket
// that no process listens on.
bool IsListenedOn(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;  // Binding reports the error.
  std::copy(path.begin(), path.end(), address.sun_path);
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

absl::Status CheckSocketsFree(const std::vector<std::string>& addresses) {
  absl::flat_hash_set<std::string> seen;
  for (const std::string& address : addresses) {
    if (!address.starts_with(kUnixPrefix)) continue;
    if (!seen.insert(address).second) {
      return absl::InvalidArgumentError(fmt::format("--listen {} is given twice", address));
    }
    if (IsListenedOn(address.substr(kUnixPrefix.size()))) {
      return absl::InvalidArgumentError(
          fmt::format("cannot listen on {}: another server listens on it", address));
    }
  }
  return absl::OkStatus();
}

}  // namespace

struct Server::Parts {
  Parts(const ServerOptions& server_options, Clock& server_clock)
      : options(server_options), clock(server_clock) {}

  absl::Status OpenStorage();
  // Recovers the queue and creates everything but the services. No worker runs yet.
  absl::Status CreateEngine();
  void CreateServices();
  absl::Status StartServing();

  const ServerOptions options;
  Clock& clock;
  std::unique_ptr<storage::Backend> backend;
  std::unique_ptr<storage::Spool> spool;
  engine::StatusHub hub;
  engine::PollAdvice advice;
  std::unique_ptr<engine::Executor> executor;
  std::unique_ptr<engine::GarbageCollector> collector;
  std::unique_ptr<engine::Stores> stores;
  std::unique_ptr<engine::Products> products;
  // The services. Their calls run on the threads that are declared below, which Stop() ends first.
  std::unique_ptr<services::ServiceContext> context;
  std::unique_ptr<grpc::Service> store_service;
  std::unique_ptr<grpc::Service> report_service;
  std::unique_ptr<grpc::Service> product_service;
  std::unique_ptr<grpc::Service> admin_service;
  std::unique_ptr<engine::WorkThreads> queries;
  std::unique_ptr<engine::WorkThreads> statuses;
  std::unique_ptr<engine::WorkThreads> uploads;
  std::unique_ptr<engine::WorkThreads> backups;
  std::unique_ptr<engine::WorkThreads> notes;
  std::unique_ptr<engine::WorkThreads> changes;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::string> addresses;
};

absl::Status Server::Parts::OpenStorage() {
  STORED_RETURN_IF_ERROR(CreateDirectories(options.data_directory));
  STORED_ASSIGN_OR_RETURN(backend,
                          storage::sqlite::OpenSqliteBackend(options.data_directory, clock.Now()));
  for (const std::string& warning : backend->start_warnings()) spdlog::warn("{}", warning);
  STORED_ASSIGN_OR_RETURN(spool, storage::Spool::Open(options.data_directory + "/spool"));
  return absl::OkStatus();
}

absl::Status Server::Parts::StartServing() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // Forces the linker to keep the health protocol's description, which reflection needs.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::ServerBuilder builder;
  services::SetConnectionArguments(builder, options.keepalive);
  STORED_RETURN_IF_ERROR(CheckSocketsFree(options.listen));
  std::vector<int> ports(options.listen.size(), -1);
  for (size_t i = 0; i < options.listen.size(); ++i) {
    builder.AddListeningPort(options.listen[i], grpc::InsecureServerCredentials(), &ports[i]);
  }
  builder.RegisterService(store_service.get());
  builder.RegisterService(report_service.get());
  builder.RegisterService(product_service.get());
  builder.RegisterService(admin_service.get());
  server = builder.BuildAndStart();
  for (size_t i = 0; i < options.listen.size(); ++i) {
    const std::string& wanted = options.listen[i];
    if (ports[i] <= 0) {
      return absl::InvalidArgumentError(fmt::format(
          "cannot listen on {}: it is taken, or not an address of this machine", wanted));
    }
    const bool is_unix = wanted.starts_with(kUnixPrefix);
    addresses.push_back(
        is_unix ? wanted : fmt::format("{}:{}", wanted.substr(0, wanted.rfind(':')), ports[i]));
  }
  return absl::OkStatus();
}

absl::Status Server::Parts::CreateEngine() {
  engine::Executor::Options executor_options;
  executor_options.workers = options.workers;
  executor_options.limits = options.limits;
  executor =
      std::make_unique<engine::Executor>(*backend, *spool, hub, advice, clock, executor_options);
  STORED_RETURN_IF_ERROR(engine::Recover(*backend, *spool, hub, clock));
  collector = std::make_unique<engine::GarbageCollector>(*backend, *spool, clock, options.garbage);
  queries = std::make_unique<engine::WorkThreads>(kQueryThreads);
  statuses = std::make_unique<engine::WorkThreads>(kStatusThreads);
  uploads = std::make_unique<engine::WorkThreads>(kUploadThreads);
  backups = std::make_unique<engine::WorkThreads>(1);
  notes = std::make_unique<engine::WorkThreads>(kNoteThreads);
  changes = std::make_unique<engine::WorkThreads>(kChangeThreads);
  stores = std::make_unique<engine::Stores>(
      engine::Stores::Parts{*backend, *spool, hub, advice, *executor, *notes, clock},
      options.upload_limits);
  products = std::make_unique<engine::Products>(*backend, *spool, hub, clock);
  return absl::OkStatus();
}

void Server::Parts::CreateServices() {
  context.reset(new services::ServiceContext{*backend, *spool, *stores, *products, clock, *queries,
                                             *statuses, *uploads, *changes, *backups});
  store_service = services::NewStoreService(*context);
  report_service = services::NewReportService(*context);
  product_service = services::NewProductService(*context);
  admin_service = services::NewAdminService(*context, *collector);
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Clock& clock) {
  auto parts = std::make_unique<Parts>(options, clock);
  STORED_RETURN_IF_ERROR(parts->OpenStorage());
  STORED_RETURN_IF_ERROR(parts->CreateEngine());
  parts->CreateServices();
  STORED_RETURN_IF_ERROR(parts->StartServing());
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  // The server listens from here on, so after an error its destructor must call Stop().
  STORED_RETURN_IF_ERROR(server->parts_->executor->Start());
  server->parts_->collector->Start();
  return server;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { Stop(); }

const std::vector<std::string>& Server::addresses() const { return parts_->addresses; }

void Server::Stop() {
  if (parts_->server == nullptr) return;
  parts_->server->GetHealthCheckService()->SetServingStatus(false);
  parts_->stores->StopAccepting();
  parts_->collector->Stop();
  parts_->executor->Stop(parts_->options.drain_timeout);
  parts_->hub.Close();
  parts_->server->Shutdown(std::chrono::system_clock::now() + kCallGrace);
  parts_->server->Wait();
  // Every call has ended, but the work that it posted last may still run: each destructor waits.
  parts_->backups.reset();
  parts_->uploads.reset();
  parts_->queries.reset();
  parts_->statuses.reset();
  parts_->notes.reset();
  parts_->changes.reset();
  parts_->server.reset();
}

}  // namespace stored::server
