#include "services/store_service.h"

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/store_marshalling.h"
#include "services/call.h"
#include "services/status_message.h"
#include "services/upload_reactor.h"
#include "services/watch_reactor.h"
#include "storage/policy/field_checks.h"
#include "stored/v1/store_service.grpc.pb.h"

namespace stored::services {
namespace {

class StoreServiceImpl final : public v1::StoreService::CallbackService {
 public:
  explicit StoreServiceImpl(ServiceContext& context) : context_(context), stores_(context.stores) {}

  grpc::ServerReadReactor<v1::UploadRequest>* Upload(grpc::CallbackServerContext* rpc,
                                                     v1::UploadResponse* response) override {
    return NewUploadReactor(context_, rpc, response);
  }

  grpc::ServerReadReactor<v1::UploadRequest>* Store(grpc::CallbackServerContext* rpc,
                                                    v1::StoreStatus* response) override {
    return NewBlockingStoreReactor(context_, rpc, response);
  }

  grpc::ServerWriteReactor<v1::StoreStatus>* WatchStatus(
      grpc::CallbackServerContext* rpc, const v1::WatchStatusRequest* request) override {
    return WatchReactor::Start(context_, rpc, request->token());
  }

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* rpc,
                                      const v1::GetStatusRequest* request,
                                      v1::StoreStatus* response) override {
    // The status of a store in progress is in memory, so it needs no lane: it is returned at once,
    // however busy the databases are.
    if (const std::shared_ptr<const engine::LiveStatus> live =
            stores_.statuses().FindLive(request->token())) {
      return AnswerNow(context_.clock, rpc, "GetStatus", [&](Call& call) {
        call.SetRoutine();
        call.Add("token", request->token());
        *response = ToMessage(stores_, *live);
        return absl::OkStatus();
      });
    }
    return Answer(rpc, "GetStatus", [this, request, response](Call& call) -> absl::Status {
      call.SetRoutine();
      call.Add("token", request->token());
      STORED_ASSIGN_OR_RETURN(const engine::LiveStatus status,
                              stores_.statuses().Find(request->token()));
      *response = ToMessage(stores_, status);
      stores_.NoteConsumed(status);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* GetUpload(grpc::CallbackServerContext* rpc,
                                      const v1::GetUploadRequest* request,
                                      v1::GetUploadResponse* response) override {
    return Answer(rpc, "GetUpload", [this, request, response](Call& call) {
      call.Add("upload", request->upload_id());
      return FindUpload(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* FindMissingSources(grpc::CallbackServerContext* rpc,
                                               const v1::FindMissingSourcesRequest* request,
                                               v1::FindMissingSourcesResponse* response) override {
    return Answer(rpc, "FindMissingSources", [this, request, response](Call& call) {
      call.Add("product", request->product());
      call.Add("sources", std::to_string(request->sha256_size()));
      return FindMissing(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* ListStores(grpc::CallbackServerContext* rpc,
                                       const v1::ListStoresRequest* request,
                                       v1::ListStoresResponse* response) override {
    return AnswerOn(context_.queries, context_.clock, rpc, "ListStores",
                    [this, request, response](Call& call) {
                      call.Add("product", request->product());
                      call.Add("run", request->run_name());
                      return List(*request, *response);
                    });
  }

  grpc::ServerUnaryReactor* CancelStore(grpc::CallbackServerContext* rpc,
                                        const v1::CancelStoreRequest* request,
                                        v1::StoreStatus* response) override {
    return Answer(rpc, "CancelStore", [this, request, response](Call& call) -> absl::Status {
      call.Add("token", request->token());
      STORED_ASSIGN_OR_RETURN(const engine::LiveStatus status, stores_.Cancel(request->token()));
      *response = ToMessage(stores_, status);
      return absl::OkStatus();
    });
  }

 private:
  template <typename Work>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* rpc, std::string_view method,
                                   Work work) {
    return AnswerOn(context_.statuses, context_.clock, rpc, method, std::move(work));
  }

  absl::Status FindUpload(const v1::GetUploadRequest& request, v1::GetUploadResponse& response) {
    STORED_ASSIGN_OR_RETURN(const engine::Stores::Upload upload,
                            stores_.FindUpload(request.upload_id()));
    response.set_committed_size(upload.committed_size);
    if (upload.store.has_value()) {
      response.set_token(upload.store->session.token);
      *response.mutable_status() = ToMessage(stores_, *upload.store);
    } else {
      response.mutable_status()->set_state(v1::STORE_STATE_ALLOCATED);
      response.mutable_status()->set_in_progress(true);
      response.mutable_status()->set_payload_size(upload.committed_size);
    }
    return absl::OkStatus();
  }

  absl::Status FindMissing(const v1::FindMissingSourcesRequest& request,
                           v1::FindMissingSourcesResponse& response) {
    // Before the digests are decoded, of which there may be too many.
    const auto count = static_cast<size_t>(request.sha256_size());
    STORED_RETURN_IF_ERROR(storage::CheckMissingSources(request.product(), count));
    std::vector<Sha256Digest> digests;
    digests.reserve(count);
    for (const std::string& hex : request.sha256()) {
      STORED_ASSIGN_OR_RETURN(const Sha256Digest digest,
                              marshalling::DigestFromProto(hex, "sha256"));
      digests.push_back(digest);
    }
    STORED_ASSIGN_OR_RETURN(const std::vector<Sha256Digest> missing,
                            context_.products.FindMissingSources(request.product(), digests));
    for (const Sha256Digest& digest : missing) response.add_sha256(digest.Hex());
    return absl::OkStatus();
  }

  absl::Status List(const v1::ListStoresRequest& request, v1::ListStoresResponse& response) {
    STORED_ASSIGN_OR_RETURN(const storage::SessionFilter filter, marshalling::FromProto(request));
    STORED_ASSIGN_OR_RETURN(engine::Stores::Page page,
                            stores_.List(filter, request.page_size(), request.page_token()));
    for (const engine::LiveStatus& status : page.stores) {
      *response.add_stores() = ToMessage(stores_, status);
    }
    response.set_next_page_token(std::move(page.next_page_token));
    return absl::OkStatus();
  }

  ServiceContext& context_;
  engine::Stores& stores_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewStoreService(ServiceContext& context) {
  return std::make_unique<StoreServiceImpl>(context);
}

}  // namespace stored::services
