#include "client/connection.h"

#include <fmt/format.h>
#include <grpc/support/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "base/time/retry_pushback.h"
#include "stored/v1/admin_service.grpc.pb.h"
#include "stored/v1/product_service.grpc.pb.h"
#include "stored/v1/report_service.grpc.pb.h"
#include "stored/v1/store_service.grpc.pb.h"

namespace stored::client {
namespace {

constexpr char kPushbackMetadata[] = "grpc-retry-pushback-ms";

// Large enough for a page of reports with long bug paths.
constexpr int kMaxReceiveBytes = 64 << 20;
// A network that drops packets silently is detected after the sum of these two. The server accepts
// pings at this rate.
constexpr int kKeepaliveIntervalMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

std::optional<int64_t> ToInteger(std::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// Returns true if the transport made `status`, false if the server sent it. Lists several codes,
// because the code that gRPC sets depends on when the connection broke.
bool IsTransportFailure(const grpc::Status& status) {
  const std::string& message = status.error_message();
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    // Not a cancellation by this client: where it cancels a call, it returns another error.
    case grpc::StatusCode::CANCELLED:
      return true;
    case grpc::StatusCode::INTERNAL:
      return message.find("RST_STREAM") != std::string::npos;
    case grpc::StatusCode::UNKNOWN:
      return message.find("Stream removed") != std::string::npos;
    default:
      return false;
  }
}

// Cancels a call after a timeout, by the monotonic clock. gRPC gets the deadline too, but waits for
// it by the wall clock: if that were set back by an hour, the call would take an hour longer.
class CallTimer {
 public:
  CallTimer(grpc::ClientContext& context, absl::Duration timeout)
      : context_(context), timeout_(timeout) {
    context.set_deadline(gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN));
    thread_ = std::thread([this] { Run(); });
  }
  ~CallTimer() {
    Stop();
    thread_.join();
  }
  CallTimer(const CallTimer&) = delete;
  CallTimer& operator=(const CallTimer&) = delete;

  absl::Duration timeout() const { return timeout_; }
  bool expired() const {
    const MutexLock lock(mutex_);
    return expired_;
  }

 private:
  void Stop() {
    const MutexLock lock(mutex_);
    stopped_ = true;
    stop_.NotifyOne();
  }

  void Run() {
    const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(timeout_);
    MutexLock lock(mutex_);
    while (!stopped_ && stop_.WaitUntil(lock, deadline) != std::cv_status::timeout) {
    }
    if (stopped_) return;
    expired_ = true;
    context_.TryCancel();
  }

  grpc::ClientContext& context_;
  const absl::Duration timeout_;
  mutable Mutex mutex_;
  Condition stop_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool expired_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Returns the reason of a transport failure, without the names of gRPC's layers that precede it in
// the message.
std::string ReasonOf(const grpc::Status& status, const CallTimer& timer) {
  const std::string& message = status.error_message();
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED || timer.expired()) {
    return fmt::format("no answer within {}",
                       absl::FormatDuration(absl::Trunc(timer.timeout(), absl::Milliseconds(1))));
  }
  if (message.find("failed to connect") == std::string::npos) return message;
  const size_t last = message.rfind(": ");
  return last == std::string::npos ? message : message.substr(last + 2);
}

absl::Status FromGrpc(const grpc::Status& status, const grpc::ClientContext& context,
                      const CallTimer& timer) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result = IsTransportFailure(status)
                            ? absl::UnavailableError(ReasonOf(status, timer))
                            : absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                           status.error_message());
  const auto& trailer = context.GetServerTrailingMetadata();
  if (const auto found = trailer.find(kPushbackMetadata); found != trailer.end()) {
    // A value that is not a number means "do not retry", as in gRPC's own retries (gRFC A6).
    const auto ms = ToInteger({found->second.data(), found->second.size()});
    SetRetryPushback(result, absl::Milliseconds(ms.value_or(-1)));
  }
  return result;
}

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallUnary(Stub& stub,
                                   grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                   const Request& request, absl::Duration timeout) {
  grpc::ClientContext context;
  const CallTimer timer(context, timeout);
  Response response;
  const grpc::Status status = (stub.*rpc)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status, context, timer);
  return response;
}

std::shared_ptr<grpc::Channel> OpenChannel(const Endpoint& endpoint) {
  grpc::ChannelArguments arguments;
  // By default channels with equal arguments share connections, which outlive the channel.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // client/retry_schedule.h is the only retry loop.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveIntervalMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  return grpc::CreateCustomChannel(endpoint.target(), endpoint.credentials(), arguments);
}

}  // namespace

struct Connection::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : store(channel), report(channel), product(channel), admin(channel) {}

  v1::StoreService::Stub store;
  v1::ReportService::Stub report;
  v1::ProductService::Stub product;
  v1::AdminService::Stub admin;
};

Connection::Connection(const Endpoint& endpoint)
    : stubs_(std::make_unique<Stubs>(OpenChannel(endpoint))) {}

Connection::~Connection() = default;

absl::StatusOr<v1::UploadResponse> Connection::Upload(
    absl::FunctionRef<absl::StatusOr<bool>(v1::UploadRequest&)> next, absl::Duration timeout) {
  grpc::ClientContext context;
  const CallTimer timer(context, timeout);
  v1::UploadResponse response;
  const auto writer = stubs_->store.Upload(&context, &response);
  v1::UploadRequest request;
  while (true) {
    const absl::StatusOr<bool> more = next(request);
    if (!more.ok()) {
      context.TryCancel();
      (void)writer->Finish();
      return more.status();
    }
    if (!*more) {
      writer->WritesDone();
      break;
    }
    // Write returns false if the call has ended; Finish returns the reason.
    if (!writer->Write(request)) break;
  }
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status, context, timer);
  return response;
}

absl::Status Connection::WatchStatus(const v1::WatchStatusRequest& request, absl::Duration timeout,
                                     absl::FunctionRef<void(const v1::StoreStatus&)> on_status) {
  grpc::ClientContext context;
  const CallTimer timer(context, timeout);
  const auto reader = stubs_->store.WatchStatus(&context, request);
  v1::StoreStatus status;
  while (reader->Read(&status)) on_status(status);
  return FromGrpc(reader->Finish(), context, timer);
}

absl::Status Connection::Backup(absl::FunctionRef<absl::Status(const v1::BackupResponse&)> on_part,
                                absl::Duration timeout) {
  grpc::ClientContext context;
  const CallTimer timer(context, timeout);
  const auto reader = stubs_->admin.Backup(&context, v1::BackupRequest());
  v1::BackupResponse part;
  while (reader->Read(&part)) {
    absl::Status taken = on_part(part);
    if (taken.ok()) continue;
    context.TryCancel();
    (void)reader->Finish();
    return taken;
  }
  return FromGrpc(reader->Finish(), context, timer);
}

absl::StatusOr<v1::GetUploadResponse> Connection::GetUpload(const v1::GetUploadRequest& request,
                                                            absl::Duration timeout) {
  return CallUnary(stubs_->store, &v1::StoreService::Stub::GetUpload, request, timeout);
}

absl::StatusOr<v1::FindMissingSourcesResponse> Connection::FindMissingSources(
    const v1::FindMissingSourcesRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->store, &v1::StoreService::Stub::FindMissingSources, request, timeout);
}

absl::StatusOr<v1::StoreStatus> Connection::GetStatus(const v1::GetStatusRequest& request,
                                                      absl::Duration timeout) {
  return CallUnary(stubs_->store, &v1::StoreService::Stub::GetStatus, request, timeout);
}

absl::StatusOr<v1::ListStoresResponse> Connection::ListStores(const v1::ListStoresRequest& request,
                                                              absl::Duration timeout) {
  return CallUnary(stubs_->store, &v1::StoreService::Stub::ListStores, request, timeout);
}

absl::StatusOr<v1::StoreStatus> Connection::CancelStore(const v1::CancelStoreRequest& request,
                                                        absl::Duration timeout) {
  return CallUnary(stubs_->store, &v1::StoreService::Stub::CancelStore, request, timeout);
}

absl::StatusOr<v1::ListProductsResponse> Connection::ListProducts(
    const v1::ListProductsRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->product, &v1::ProductService::Stub::ListProducts, request, timeout);
}

absl::StatusOr<v1::Product> Connection::CreateProduct(const v1::CreateProductRequest& request,
                                                      absl::Duration timeout) {
  return CallUnary(stubs_->product, &v1::ProductService::Stub::CreateProduct, request, timeout);
}

absl::StatusOr<v1::Product> Connection::UpdateProduct(const v1::UpdateProductRequest& request,
                                                      absl::Duration timeout) {
  return CallUnary(stubs_->product, &v1::ProductService::Stub::UpdateProduct, request, timeout);
}

absl::StatusOr<v1::DeleteProductResponse> Connection::DeleteProduct(
    const v1::DeleteProductRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->product, &v1::ProductService::Stub::DeleteProduct, request, timeout);
}

absl::StatusOr<v1::ListRunsResponse> Connection::ListRuns(const v1::ListRunsRequest& request,
                                                          absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::ListRuns, request, timeout);
}

absl::StatusOr<v1::CompareRunsResponse> Connection::CompareRuns(
    const v1::CompareRunsRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::CompareRuns, request, timeout);
}

absl::StatusOr<v1::ListRunHistoryResponse> Connection::ListRunHistory(
    const v1::ListRunHistoryRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::ListRunHistory, request, timeout);
}

absl::StatusOr<v1::ListReportsResponse> Connection::ListReports(
    const v1::ListReportsRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::ListReports, request, timeout);
}

absl::StatusOr<v1::Run> Connection::UpdateRun(const v1::UpdateRunRequest& request,
                                              absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::UpdateRun, request, timeout);
}

absl::StatusOr<v1::DeleteRunResponse> Connection::DeleteRun(const v1::DeleteRunRequest& request,
                                                            absl::Duration timeout) {
  return CallUnary(stubs_->report, &v1::ReportService::Stub::DeleteRun, request, timeout);
}

absl::StatusOr<v1::CollectGarbageResponse> Connection::CollectGarbage(
    const v1::CollectGarbageRequest& request, absl::Duration timeout) {
  return CallUnary(stubs_->admin, &v1::AdminService::Stub::CollectGarbage, request, timeout);
}

}  // namespace stored::client
