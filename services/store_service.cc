#include "services/store_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/store_marshalling.h"
#include "services/grpc_status.h"
#include "services/request_log.h"
#include "services/status_answers.h"
#include "services/unary_call.h"
#include "services/upload_reactor.h"
#include "services/watch_reactor.h"
#include "stored/v1/store_service.grpc.pb.h"

namespace stored::services {
namespace {

constexpr int kDefaultStoresPage = 100;
constexpr int kMaxStoresPage = 1000;
constexpr int kMaxDigests = 10'000;

}  // namespace

class StoreServiceHandle::Service final : public v1::StoreService::CallbackService {
 public:
  explicit Service(ServiceContext& context)
      : context_(context),
        answers_(context),
        registry_(context.spool),
        upload_context_{context.store, context.spool,        registry_, context.hub, context.advice,
                        context.clock, context.upload_limits} {}

  void StopAccepting() { accepting_ = false; }

  grpc::ServerReadReactor<v1::UploadRequest>* Upload(grpc::CallbackServerContext* call,
                                                     v1::UploadResponse* response) override {
    return NewUploadReactor(context_, upload_context_, answers_, accepting_, call, response);
  }

  grpc::ServerReadReactor<v1::UploadRequest>* Store(grpc::CallbackServerContext* call,
                                                    v1::StoreStatus* response) override {
    return NewBlockingStoreReactor(context_, upload_context_, answers_, accepting_, call, response);
  }

  grpc::ServerWriteReactor<v1::StoreStatus>* WatchStatus(
      grpc::CallbackServerContext* call, const v1::WatchStatusRequest* request) override {
    return WatchReactor::Start(context_, answers_, call, request->token());
  }

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call,
                                      const v1::GetStatusRequest* request,
                                      v1::StoreStatus* response) override {
    // A store in progress is answered from memory, at once, whatever the databases are busy with.
    if (const std::shared_ptr<const engine::LiveStatus> live =
            answers_.FindLive(request->token())) {
      RequestLog log(context_.clock, "GetStatus", call->peer());
      log.SetRoutine();
      log.Add("token", request->token());
      *response = answers_.Answer(*live);
      log.Done(absl::OkStatus());
      grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }
    return Answer(call, "GetStatus", [this, request, response](RequestLog& log) -> absl::Status {
      log.SetRoutine();
      log.Add("token", request->token());
      STORED_ASSIGN_OR_RETURN(const engine::LiveStatus status, answers_.Find(request->token()));
      *response = answers_.Answer(status);
      answers_.NoteConsumed(status);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GetUpload(grpc::CallbackServerContext* call,
                                      const v1::GetUploadRequest* request,
                                      v1::GetUploadResponse* response) override {
    return Answer(call, "GetUpload", [this, request, response](RequestLog& log) {
      log.Add("upload", request->upload_id());
      return FindUpload(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* FindMissingSources(grpc::CallbackServerContext* call,
                                               const v1::FindMissingSourcesRequest* request,
                                               v1::FindMissingSourcesResponse* response) override {
    return Answer(call, "FindMissingSources", [this, request, response](RequestLog& log) {
      log.Add("product", request->product());
      log.Add("sources", std::to_string(request->sha256_size()));
      return FindMissing(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* ListStores(grpc::CallbackServerContext* call,
                                       const v1::ListStoresRequest* request,
                                       v1::ListStoresResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, call, "ListStores",
                    [this, request, response](RequestLog& log) {
                      log.Add("product", request->product());
                      log.Add("run", request->run_name());
                      return List(*request, *response);
                    });
  }

  grpc::ServerUnaryReactor* CancelStore(grpc::CallbackServerContext* call,
                                        const v1::CancelStoreRequest* request,
                                        v1::StoreStatus* response) override {
    return Answer(call, "CancelStore", [this, request, response](RequestLog& log) {
      log.Add("token", request->token());
      return Cancel(*request, *response);
    });
  }

 private:
  template <typename Work>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* call, std::string_view method,
                                   Work work) {
    return AnswerOn(context_.statuses, context_.clock, call, method, std::move(work));
  }

  absl::Status FindUpload(const v1::GetUploadRequest& request, v1::GetUploadResponse& response) {
    STORED_RETURN_IF_ERROR(marshalling::CheckUploadId(request.upload_id()));
    const absl::StatusOr<storage::StoreSession> session =
        context_.store.queue().FindUpload(request.upload_id());
    if (session.ok()) {
      response.set_committed_size(session->payload.size);
      response.set_token(session->token);
      STORED_ASSIGN_OR_RETURN(const engine::LiveStatus status, answers_.Find(session->token));
      *response.mutable_status() = answers_.Answer(status);
      return absl::OkStatus();
    }
    if (!absl::IsNotFound(session.status())) return session.status();
    const absl::StatusOr<int64_t> committed = registry_.CommittedSize(request.upload_id());
    if (!committed.ok()) {
      // It may have been accepted between the two looks.
      if (context_.store.queue().FindUpload(request.upload_id()).ok()) {
        return absl::UnavailableError("the upload is being accepted: ask again");
      }
      return committed.status();
    }
    const int64_t size = *committed;
    response.set_committed_size(size);
    response.mutable_status()->set_state(v1::STORE_STATE_ALLOCATED);
    response.mutable_status()->set_in_progress(true);
    response.mutable_status()->set_payload_size(size);
    return absl::OkStatus();
  }

  absl::Status FindMissing(const v1::FindMissingSourcesRequest& request,
                           v1::FindMissingSourcesResponse& response) {
    STORED_ASSIGN_OR_RETURN(const std::string product,
                            marshalling::ProductFromProto(request.product()));
    if (request.sha256_size() > kMaxDigests) {
      return absl::InvalidArgumentError("sha256 has more than 10,000 values: ask in several calls");
    }
    std::vector<Sha256Digest> digests;
    digests.reserve(static_cast<size_t>(request.sha256_size()));
    for (const std::string& hex : request.sha256()) {
      STORED_ASSIGN_OR_RETURN(const Sha256Digest digest,
                              marshalling::DigestFromProto(hex, "sha256"));
      digests.push_back(digest);
    }
    STORED_ASSIGN_OR_RETURN(const std::shared_ptr<storage::ProductResults> results,
                            context_.store.Results(product));
    STORED_ASSIGN_OR_RETURN(const std::vector<Sha256Digest> missing,
                            results->FindMissingContents(digests));
    for (const Sha256Digest& digest : missing) response.add_sha256(digest.Hex());
    return absl::OkStatus();
  }

  absl::Status List(const v1::ListStoresRequest& request, v1::ListStoresResponse& response) {
    STORED_ASSIGN_OR_RETURN(const storage::SessionFilter filter, marshalling::FromProto(request));
    STORED_ASSIGN_OR_RETURN(
        const int page_size,
        marshalling::PageSizeFromProto(request.page_size(), kDefaultStoresPage, kMaxStoresPage));
    STORED_ASSIGN_OR_RETURN(const storage::SessionPage page,
                            context_.store.queue().List(filter, page_size, request.page_token()));
    for (const storage::StoreSession& session : page.sessions) {
      // What is in progress has moved on since it was kept.
      const std::shared_ptr<const engine::LiveStatus> live = answers_.FindLive(session.token);
      const bool newer = live != nullptr && live->session.state == session.state;
      *response.add_stores() = answers_.Answer(newer ? *live : engine::StatusOf(session));
    }
    response.set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  }

  absl::Status Cancel(const v1::CancelStoreRequest& request, v1::StoreStatus& response) {
    STORED_ASSIGN_OR_RETURN(const engine::LiveStatus known, answers_.Find(request.token()));
    STORED_ASSIGN_OR_RETURN(
        const storage::StoreSession session,
        context_.store.queue().RequestCancel(known.session.token, context_.clock.Now()));
    context_.hub.Publish(session);
    if (session.state == storage::StoreState::kCancelled) {
      // What cannot be removed now is removed at the next start.
      context_.spool.Remove(session.payload.file).IgnoreError();
    }
    const std::shared_ptr<const engine::LiveStatus> live = answers_.FindLive(session.token);
    response = answers_.Answer(live != nullptr ? *live : engine::StatusOf(session));
    return absl::OkStatus();
  }

  ServiceContext& context_;
  StatusAnswers answers_;
  engine::UploadRegistry registry_;
  engine::UploadContext upload_context_;
  std::atomic<bool> accepting_ = true;
};

StoreServiceHandle::StoreServiceHandle(ServiceContext& context)
    : service_(std::make_unique<Service>(context)) {}
StoreServiceHandle::~StoreServiceHandle() = default;

grpc::Service* StoreServiceHandle::service() { return service_.get(); }

void StoreServiceHandle::StopAccepting() { service_->StopAccepting(); }

}  // namespace stored::services
