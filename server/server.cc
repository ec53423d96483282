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
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/upkeep/garbage_collector.h"
#include "engine/work/executor.h"
#include "engine/work/recovery.h"
#include "grpc/health/v1/health.pb.h"
#include "services/admin_service.h"
#include "services/connection_arguments.h"
#include "services/product_service.h"
#include "services/report_service.h"
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
// What calls get to end in by themselves when the server stops.
constexpr auto kCallGrace = std::chrono::seconds(2);

constexpr std::string_view kUnixPrefix = "unix:";

// A server of ours or another's that listens on the socket would lose it without a word: binding
// removes what is there. One that nobody listens on is left of a server that died.
bool SomebodyListens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;  // Binding will say so.
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
    if (SomebodyListens(address.substr(kUnixPrefix.size()))) {
      return absl::InvalidArgumentError(
          fmt::format("cannot listen on {}: another server does", address));
    }
  }
  return absl::OkStatus();
}

}  // namespace

struct Server::Parts {
  Parts(const ServerOptions& server_options, Clock& server_clock)
      : options(server_options), clock(server_clock) {}

  absl::Status OpenStorage();
  absl::Status StartServing();

  const ServerOptions options;
  Clock& clock;
  std::unique_ptr<storage::Backend> store;
  std::unique_ptr<storage::Spool> spool;
  engine::StatusHub hub;
  engine::PollAdvice advice;
  std::unique_ptr<engine::Executor> executor;
  std::unique_ptr<engine::GarbageCollector> collector;
  // The services, and below them what their calls still run on until they have ended.
  std::unique_ptr<services::ServiceContext> context;
  std::unique_ptr<services::StoreServiceHandle> store_service;
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
  STORED_ASSIGN_OR_RETURN(store,
                          storage::sqlite::OpenSqliteBackend(options.data_directory, clock.Now()));
  for (const std::string& warning : store->start_warnings()) spdlog::warn("{}", warning);
  STORED_ASSIGN_OR_RETURN(spool, storage::Spool::Open(options.data_directory + "/spool"));
  return absl::OkStatus();
}

absl::Status Server::Parts::StartServing() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  // Names the health protocol's description, which a linker would leave out otherwise.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::ServerBuilder builder;
  services::SetConnectionArguments(builder, options.keepalive);
  STORED_RETURN_IF_ERROR(CheckSocketsFree(options.listen));
  std::vector<int> ports(options.listen.size(), -1);
  for (size_t i = 0; i < options.listen.size(); ++i) {
    builder.AddListeningPort(options.listen[i], grpc::InsecureServerCredentials(), &ports[i]);
  }
  builder.RegisterService(store_service->service());
  builder.RegisterService(report_service.get());
  builder.RegisterService(product_service.get());
  builder.RegisterService(admin_service.get());
  server = builder.BuildAndStart();
  for (size_t i = 0; i < options.listen.size(); ++i) {
    const std::string& wanted = options.listen[i];
    if (ports[i] <= 0) {
      return absl::InvalidArgumentError(
          fmt::format("cannot listen on {}: it is taken, or no address of this machine", wanted));
    }
    const bool is_unix = wanted.starts_with(kUnixPrefix);
    addresses.push_back(
        is_unix ? wanted : fmt::format("{}:{}", wanted.substr(0, wanted.rfind(':')), ports[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Clock& clock) {
  auto parts = std::make_unique<Parts>(options, clock);
  STORED_RETURN_IF_ERROR(parts->OpenStorage());
  engine::Executor::Options executor_options;
  executor_options.workers = options.workers;
  executor_options.limits = options.limits;
  parts->executor = std::make_unique<engine::Executor>(*parts->store, *parts->spool, parts->hub,
                                                       parts->advice, clock, executor_options);
  STORED_RETURN_IF_ERROR(engine::Recover(*parts->store, *parts->spool, parts->hub, clock));
  parts->collector = std::make_unique<engine::GarbageCollector>(*parts->store, *parts->spool, clock,
                                                                options.garbage);
  parts->queries = std::make_unique<engine::WorkThreads>(kQueryThreads);
  parts->statuses = std::make_unique<engine::WorkThreads>(kStatusThreads);
  parts->uploads = std::make_unique<engine::WorkThreads>(kUploadThreads);
  parts->backups = std::make_unique<engine::WorkThreads>(1);
  parts->notes = std::make_unique<engine::WorkThreads>(kNoteThreads);
  parts->changes = std::make_unique<engine::WorkThreads>(kChangeThreads);
  parts->context.reset(new services::ServiceContext{
      *parts->store, *parts->spool, parts->hub, *parts->executor, parts->advice, clock,
      *parts->queries, *parts->statuses, *parts->uploads, *parts->notes, *parts->changes,
      *parts->backups, options.upload_limits});
  parts->store_service = std::make_unique<services::StoreServiceHandle>(*parts->context);
  parts->report_service = services::NewReportService(*parts->context);
  parts->product_service = services::NewProductService(*parts->context);
  parts->admin_service = services::NewAdminService(*parts->context, *parts->collector);
  STORED_RETURN_IF_ERROR(parts->StartServing());
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  // It listens already: from here on its end is a stop.
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
  parts_->store_service->StopAccepting();
  parts_->collector->Stop();
  parts_->executor->Stop(parts_->options.drain_timeout);
  parts_->hub.Close();
  parts_->server->Shutdown(std::chrono::system_clock::now() + kCallGrace);
  parts_->server->Wait();
  // Every call has ended; what they posted last still runs.
  parts_->backups.reset();
  parts_->uploads.reset();
  parts_->queries.reset();
  parts_->statuses.reset();
  parts_->notes.reset();
  parts_->changes.reset();
  parts_->server.reset();
}

}  // namespace stored::server
