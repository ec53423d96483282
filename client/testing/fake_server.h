#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "stored/v1/product_service.grpc.pb.h"
#include "stored/v1/report_service.grpc.pb.h"
#include "stored/v1/store_service.grpc.pb.h"

namespace stored::client {

// The state of one upload on the fake server.
struct FakeUpload {
  v1::UploadHeader header;
  std::string bytes;
  // Empty until the upload has been accepted.
  std::string token;
  std::string sha256;
  // Offset of the first chunk of each attempt.
  std::vector<int64_t> starts;
};

// A gRPC server on a real port whose responses a test sets. An RPC whose hook is not set returns
// UNIMPLEMENTED, except for uploads, which the server accepts as the contract says. Set the hooks
// before the first call. Safe for concurrent use.
class FakeServer final : public v1::StoreService::Service {
 public:
  FakeServer();
  ~FakeServer() override;

  // Returns HOST:PORT.
  std::string address() const;
  int port() const { return port_; }

  // Returns the number of calls of an RPC, for example "GetStatus".
  int calls(const std::string& rpc) const;
  FakeUpload upload(const std::string& upload_id) const;
  size_t upload_count() const;

  // Called after every message of an upload with the number of bytes that have arrived; a status
  // other than OK ends the call. `accepted` is true after the trailer: the upload has its token,
  // but an error keeps the response from the client.
  std::function<grpc::Status(grpc::ServerContext&, size_t bytes, bool accepted)> on_upload;
  std::function<grpc::Status(grpc::ServerContext&, const v1::GetUploadRequest&,
                             v1::GetUploadResponse&)>
      on_get_upload;
  std::function<grpc::Status(const v1::FindMissingSourcesRequest&, v1::FindMissingSourcesResponse&)>
      on_find_missing;
  std::function<grpc::Status(const std::string& token, v1::StoreStatus&)> on_get_status;
  std::function<grpc::Status(const std::string& token, grpc::ServerWriter<v1::StoreStatus>&)>
      on_watch;
  std::function<grpc::Status(const v1::ListStoresRequest&, v1::ListStoresResponse&)> on_list_stores;
  std::function<grpc::Status(const std::string& token, v1::StoreStatus&)> on_cancel;
  std::function<grpc::Status(const v1::ListReportsRequest&, v1::ListReportsResponse&)>
      on_list_reports;
  std::function<grpc::Status(const v1::CompareRunsRequest&, v1::CompareRunsResponse&)>
      on_compare_runs;
  std::function<grpc::Status(const v1::ListRunsRequest&, v1::ListRunsResponse&)> on_list_runs;
  std::function<grpc::Status(const v1::ListRunHistoryRequest&, v1::ListRunHistoryResponse&)>
      on_list_run_history;
  std::function<grpc::Status(const std::string& name, v1::Product&)> on_create_product;
  // The status in the response to an upload.
  v1::StoreStatus accepted_status;

 private:
  class Reports;
  class Products;

  grpc::Status Upload(grpc::ServerContext* context, grpc::ServerReader<v1::UploadRequest>* reader,
                      v1::UploadResponse* response) override;
  grpc::Status GetUpload(grpc::ServerContext* context, const v1::GetUploadRequest* request,
                         v1::GetUploadResponse* response) override;
  grpc::Status FindMissingSources(grpc::ServerContext* context,
                                  const v1::FindMissingSourcesRequest* request,
                                  v1::FindMissingSourcesResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::StoreStatus* response) override;
  grpc::Status WatchStatus(grpc::ServerContext* context, const v1::WatchStatusRequest* request,
                           grpc::ServerWriter<v1::StoreStatus>* writer) override;
  grpc::Status ListStores(grpc::ServerContext* context, const v1::ListStoresRequest* request,
                          v1::ListStoresResponse* response) override;
  grpc::Status CancelStore(grpc::ServerContext* context, const v1::CancelStoreRequest* request,
                           v1::StoreStatus* response) override;

  // Applies one message to the upload.
  grpc::Status Take(const v1::UploadRequest& request, FakeUpload*& upload, bool& first_chunk)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(const std::string& rpc);

  mutable Mutex mutex_;
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, FakeUpload> uploads_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Reports> reports_;
  std::unique_ptr<Products> products_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace stored::client
