#include "services/report_service.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>

#include "base/status.h"
#include "marshalling/report_marshalling.h"
#include "marshalling/time_marshalling.h"
#include "services/call.h"
#include "storage/policy/field_checks.h"
#include "stored/v1/report_service.grpc.pb.h"

namespace stored::services {
namespace {

constexpr int kDefaultRunsPage = 100;
constexpr int kMaxRunsPage = 1000;
constexpr int kDefaultHistoryPage = 100;
constexpr int kMaxHistoryPage = 1000;
constexpr int kDefaultReportsPage = 1000;
constexpr int kMaxReportsPage = 10'000;
// Far below the 4 MiB of a message that gRPC clients accept by default, because a page grows when
// it becomes a message: paths are repeated, and ill-formed text is replaced by longer characters.
constexpr int64_t kMaxPageBytes = 1 << 20;

class ReportServiceImpl final : public v1::ReportService::CallbackService {
 public:
  explicit ReportServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListRuns(grpc::CallbackServerContext* rpc,
                                     const v1::ListRunsRequest* request,
                                     v1::ListRunsResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, rpc, "ListRuns",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      return ListRuns(*request, *response);
                    });
  }

  grpc::ServerUnaryReactor* ListRunHistory(grpc::CallbackServerContext* rpc,
                                           const v1::ListRunHistoryRequest* request,
                                           v1::ListRunHistoryResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, rpc, "ListRunHistory",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      call.Add("run", request->run_name());
                      return ListRunHistory(*request, *response);
                    });
  }

  grpc::ServerUnaryReactor* ListReports(grpc::CallbackServerContext* rpc,
                                        const v1::ListReportsRequest* request,
                                        v1::ListReportsResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, rpc, "ListReports",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      call.Add("run", request->run_name());
                      absl::Status status = ListReports(call, *request, *response);
                      call.Add("reports", std::to_string(response->reports_size()));
                      return status;
                    });
  }

  grpc::ServerUnaryReactor* CompareRuns(grpc::CallbackServerContext* rpc,
                                        const v1::CompareRunsRequest* request,
                                        v1::CompareRunsResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, rpc, "CompareRuns",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      call.Add("base", request->base().run_name());
                      call.Add("run", request->current().run_name());
                      absl::Status status = CompareRuns(call, *request, *response);
                      call.Add("reports", std::to_string(response->reports_size()));
                      return status;
                    });
  }

  // UpdateRun and DeleteRun may wait for an ingest that is writing, so they have a lane of their
  // own and do not delay queries.
  grpc::ServerUnaryReactor* UpdateRun(grpc::CallbackServerContext* rpc,
                                      const v1::UpdateRunRequest* request,
                                      v1::Run* response) override {
    return AnswerOn(context_.changes, context_.clock, rpc, "UpdateRun",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      call.Add("run", request->run_name());
                      return UpdateRun(*request, *response);
                    });
  }

  grpc::ServerUnaryReactor* DeleteRun(grpc::CallbackServerContext* rpc,
                                      const v1::DeleteRunRequest* request,
                                      v1::DeleteRunResponse*) override {
    return AnswerOn(context_.changes, context_.clock, rpc, "DeleteRun",
                    [this, request](Call& call) -> absl::Status {
                      call.Add("product", request->product());
                      call.Add("run", request->run_name());
                      STORED_RETURN_IF_ERROR(storage::CheckRunName(request->run_name()));
                      STORED_ASSIGN_OR_RETURN(const std::string product,
                                              storage::ProductOrDefault(request->product()));
                      return context_.backend.RemoveRun(product, request->run_name());
                    });
  }

 private:
  absl::StatusOr<std::shared_ptr<storage::ProductResults>> Results(const std::string& product) {
    STORED_ASSIGN_OR_RETURN(const std::string name, storage::ProductOrDefault(product));
    return context_.backend.Results(name);
  }

  absl::Status ListRuns(const v1::ListRunsRequest& request, v1::ListRunsResponse& response) {
    STORED_ASSIGN_OR_RETURN(const auto results, Results(request.product()));
    STORED_ASSIGN_OR_RETURN(
        const int page_size,
        storage::CheckPageSize(request.page_size(), kDefaultRunsPage, kMaxRunsPage));
    STORED_ASSIGN_OR_RETURN(const storage::RunPage page,
                            results->ListRuns(request.run_name(), page_size, request.page_token()));
    response = marshalling::ToProto(page);
    return absl::OkStatus();
  }

  absl::Status ListRunHistory(const v1::ListRunHistoryRequest& request,
                              v1::ListRunHistoryResponse& response) {
    STORED_RETURN_IF_ERROR(storage::CheckRunName(request.run_name()));
    STORED_ASSIGN_OR_RETURN(const auto results, Results(request.product()));
    STORED_ASSIGN_OR_RETURN(
        const int page_size,
        storage::CheckPageSize(request.page_size(), kDefaultHistoryPage, kMaxHistoryPage));
    STORED_ASSIGN_OR_RETURN(
        const storage::HistoryPage page,
        results->ListRunHistory(request.run_name(), page_size, request.page_token()));
    response = marshalling::ToProto(page);
    return absl::OkStatus();
  }

  absl::Status ListReports(const Call& call, const v1::ListReportsRequest& request,
                           v1::ListReportsResponse& response) {
    STORED_RETURN_IF_ERROR(storage::CheckRunName(request.run_name()));
    storage::ReportQuery query;
    query.run_name = request.run_name();
    STORED_RETURN_IF_ERROR(marshalling::ReadSnapshot(request, query));
    STORED_ASSIGN_OR_RETURN(query.filter, marshalling::FromProto(request));
    query.with_bug_path = request.include_bug_path();
    STORED_ASSIGN_OR_RETURN(
        query.page_size,
        storage::CheckPageSize(request.page_size(), kDefaultReportsPage, kMaxReportsPage));
    query.max_page_bytes = kMaxPageBytes;
    query.page_token = request.page_token();
    query.cancelled = [&call] { return call.cancelled(); };
    STORED_ASSIGN_OR_RETURN(const auto results, Results(request.product()));
    STORED_ASSIGN_OR_RETURN(storage::ReportPage page, results->ListReports(query));
    marshalling::FillProto(std::move(page), request.include_bug_path(), response);
    return absl::OkStatus();
  }

  absl::Status CompareRuns(const Call& call, const v1::CompareRunsRequest& request,
                           v1::CompareRunsResponse& response) {
    STORED_ASSIGN_OR_RETURN(storage::ComparisonQuery query, marshalling::FromProto(request));
    STORED_ASSIGN_OR_RETURN(
        query.page_size,
        storage::CheckPageSize(request.page_size(), kDefaultReportsPage, kMaxReportsPage));
    query.max_page_bytes = kMaxPageBytes;
    query.cancelled = [&call] { return call.cancelled(); };
    STORED_ASSIGN_OR_RETURN(const auto results, Results(request.product()));
    STORED_ASSIGN_OR_RETURN(storage::RunComparison comparison, results->CompareRuns(query));
    marshalling::FillProto(std::move(comparison), request.include_bug_path(), response);
    return absl::OkStatus();
  }

  absl::Status UpdateRun(const v1::UpdateRunRequest& request, v1::Run& response) {
    STORED_RETURN_IF_ERROR(storage::CheckRunName(request.run_name()));
    if (!request.has_expire_after()) {
      return absl::InvalidArgumentError("expire_after is missing: zero keeps the run for ever");
    }
    STORED_ASSIGN_OR_RETURN(const absl::Duration expire_after,
                            marshalling::LifetimeFromProto(request.expire_after(), "expire_after"));
    STORED_ASSIGN_OR_RETURN(const auto results, Results(request.product()));
    STORED_ASSIGN_OR_RETURN(const storage::RunSummary run,
                            results->SetExpireAfter(request.run_name(), expire_after));
    response = marshalling::ToProto(run);
    return absl::OkStatus();
  }

  ServiceContext& context_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewReportService(ServiceContext& context) {
  return std::make_unique<ReportServiceImpl>(context);
}

}  // namespace stored::services
