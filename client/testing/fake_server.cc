#include "client/testing/fake_server.h"

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "base/crc32c.h"
#include "base/sha256.h"

namespace stored::client {
namespace {

grpc::Status NotSet() { return {grpc::StatusCode::UNIMPLEMENTED, "not set"}; }
grpc::Status Wrong(const std::string& what) { return {grpc::StatusCode::INVALID_ARGUMENT, what}; }

}  // namespace

class FakeServer::Reports final : public v1::ReportService::Service {
 public:
  explicit Reports(FakeServer& owner) : owner_(owner) {}

 private:
  grpc::Status ListRuns(grpc::ServerContext* /*context*/, const v1::ListRunsRequest* request,
                        v1::ListRunsResponse* response) override {
    owner_.Count("ListRuns");
    return owner_.on_list_runs ? owner_.on_list_runs(*request, *response) : NotSet();
  }
  grpc::Status ListRunHistory(grpc::ServerContext* /*context*/,
                              const v1::ListRunHistoryRequest* request,
                              v1::ListRunHistoryResponse* response) override {
    owner_.Count("ListRunHistory");
    return owner_.on_list_run_history ? owner_.on_list_run_history(*request, *response) : NotSet();
  }
  grpc::Status ListReports(grpc::ServerContext* /*context*/, const v1::ListReportsRequest* request,
                           v1::ListReportsResponse* response) override {
    owner_.Count("ListReports");
    return owner_.on_list_reports ? owner_.on_list_reports(*request, *response) : NotSet();
  }
  grpc::Status CompareRuns(grpc::ServerContext* /*context*/, const v1::CompareRunsRequest* request,
                           v1::CompareRunsResponse* response) override {
    owner_.Count("CompareRuns");
    return owner_.on_compare_runs ? owner_.on_compare_runs(*request, *response) : NotSet();
  }

  FakeServer& owner_;
};

class FakeServer::Products final : public v1::ProductService::Service {
 public:
  explicit Products(FakeServer& owner) : owner_(owner) {}

 private:
  grpc::Status CreateProduct(grpc::ServerContext* /*context*/,
                             const v1::CreateProductRequest* request,
                             v1::Product* response) override {
    owner_.Count("CreateProduct");
    return owner_.on_create_product ? owner_.on_create_product(request->name(), *response)
                                    : NotSet();
  }

  FakeServer& owner_;
};

FakeServer::FakeServer()
    : reports_(std::make_unique<Reports>(*this)), products_(std::make_unique<Products>(*this)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  builder.RegisterService(reports_.get());
  builder.RegisterService(products_.get());
  server_ = builder.BuildAndStart();
}

FakeServer::~FakeServer() {
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
}

std::string FakeServer::address() const { return fmt::format("127.0.0.1:{}", port_); }

int FakeServer::calls(const std::string& rpc) const {
  const MutexLock lock(mutex_);
  const auto found = calls_.find(rpc);
  return found == calls_.end() ? 0 : found->second;
}

FakeUpload FakeServer::upload(const std::string& upload_id) const {
  const MutexLock lock(mutex_);
  const auto found = uploads_.find(upload_id);
  return found == uploads_.end() ? FakeUpload() : found->second;
}

size_t FakeServer::upload_count() const {
  const MutexLock lock(mutex_);
  return uploads_.size();
}

void FakeServer::Count(const std::string& rpc) {
  const MutexLock lock(mutex_);
  ++calls_[rpc];
}

grpc::Status FakeServer::Upload(grpc::ServerContext* context,
                                grpc::ServerReader<v1::UploadRequest>* reader,
                                v1::UploadResponse* response) {
  Count("Upload");
  v1::UploadRequest request;
  FakeUpload* upload = nullptr;
  bool first_chunk = true;
  while (reader->Read(&request)) {
    size_t bytes = 0;
    bool accepted = false;
    {
      const MutexLock lock(mutex_);
      if (grpc::Status status = Take(request, upload, first_chunk); !status.ok()) return status;
      bytes = upload->bytes.size();
      accepted = !upload->token.empty();
    }
    if (!on_upload) continue;
    if (grpc::Status status = on_upload(*context, bytes, accepted); !status.ok()) return status;
  }
  const MutexLock lock(mutex_);
  if (upload == nullptr || upload->token.empty()) return Wrong("no trailer");
  response->set_token(upload->token);
  *response->mutable_status() = accepted_status;
  response->mutable_status()->set_token(upload->token);
  response->mutable_status()->set_run_name(upload->header.run_name());
  return grpc::Status::OK;
}

grpc::Status FakeServer::Take(const v1::UploadRequest& request, FakeUpload*& upload,
                              bool& first_chunk) {
  if (request.has_header()) {
    upload = &uploads_[request.header().upload_id()];
    upload->header = request.header();
    return grpc::Status::OK;
  }
  if (upload == nullptr) return Wrong("no header");
  if (request.has_trailer()) {
    if (Sha256::Of(upload->bytes).Hex() != request.trailer().sha256() ||
        static_cast<int64_t>(upload->bytes.size()) != request.trailer().size()) {
      uploads_.erase(upload->header.upload_id());
      return {grpc::StatusCode::DATA_LOSS, "size or digest does not match"};
    }
    upload->sha256 = request.trailer().sha256();
    upload->token = "token-of-" + upload->header.upload_id();
    return grpc::Status::OK;
  }
  const v1::UploadChunk& chunk = request.chunk();
  if (first_chunk) {
    upload->starts.push_back(chunk.offset());
    if (chunk.offset() == 0) upload->bytes.clear();
  }
  first_chunk = false;
  if (chunk.offset() != static_cast<int64_t>(upload->bytes.size())) return Wrong("out of order");
  if (!chunk.has_crc32c() || chunk.crc32c() != Crc32c(chunk.data())) return Wrong("crc32c");
  upload->bytes += chunk.data();
  return grpc::Status::OK;
}

grpc::Status FakeServer::GetUpload(grpc::ServerContext* context,
                                   const v1::GetUploadRequest* request,
                                   v1::GetUploadResponse* response) {
  Count("GetUpload");
  if (on_get_upload) return on_get_upload(*context, *request, *response);
  const MutexLock lock(mutex_);
  const auto found = uploads_.find(request->upload_id());
  if (found == uploads_.end()) return {grpc::StatusCode::NOT_FOUND, "no such upload"};
  response->set_committed_size(static_cast<int64_t>(found->second.bytes.size()));
  response->set_token(found->second.token);
  if (found->second.token.empty()) return grpc::Status::OK;
  *response->mutable_status() = accepted_status;
  response->mutable_status()->set_token(found->second.token);
  response->mutable_status()->set_run_name(found->second.header.run_name());
  return grpc::Status::OK;
}

grpc::Status FakeServer::FindMissingSources(grpc::ServerContext* /*context*/,
                                            const v1::FindMissingSourcesRequest* request,
                                            v1::FindMissingSourcesResponse* response) {
  Count("FindMissingSources");
  return on_find_missing ? on_find_missing(*request, *response) : NotSet();
}

grpc::Status FakeServer::GetStatus(grpc::ServerContext* /*context*/,
                                   const v1::GetStatusRequest* request, v1::StoreStatus* response) {
  Count("GetStatus");
  return on_get_status ? on_get_status(request->token(), *response) : NotSet();
}

grpc::Status FakeServer::WatchStatus(grpc::ServerContext* /*context*/,
                                     const v1::WatchStatusRequest* request,
                                     grpc::ServerWriter<v1::StoreStatus>* writer) {
  Count("WatchStatus");
  return on_watch ? on_watch(request->token(), *writer) : NotSet();
}

grpc::Status FakeServer::ListStores(grpc::ServerContext* /*context*/,
                                    const v1::ListStoresRequest* request,
                                    v1::ListStoresResponse* response) {
  Count("ListStores");
  return on_list_stores ? on_list_stores(*request, *response) : NotSet();
}

grpc::Status FakeServer::CancelStore(grpc::ServerContext* /*context*/,
                                     const v1::CancelStoreRequest* request,
                                     v1::StoreStatus* response) {
  Count("CancelStore");
  return on_cancel ? on_cancel(request->token(), *response) : NotSet();
}

}  // namespace stored::client
