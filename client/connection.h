#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/endpoint.h"
#include "stored/v1/admin_service.pb.h"
#include "stored/v1/product_service.pb.h"
#include "stored/v1/report_service.pb.h"
#include "stored/v1/store_service.pb.h"

namespace stored::client {

// How long one short RPC may take.
inline constexpr absl::Duration kRpcTimeout = absl::Seconds(10);

// The RPCs of a stored server, over one TCP connection (or unix socket) of its own. It is opened by
// the first call and closed with the object. No gRPC type gets past this class. Calls block; safe
// for concurrent use.
//
// Every call has a timeout. Errors are the server's, see proto/stored/v1; whatever the transport
// has to tell (no connection, a connection that broke, no answer in time) is UNAVAILABLE. So
// DEADLINE_EXCEEDED never comes from here: the client keeps it for the time that its user gave.
// Where the server says when to come back, the error has it (base/time/retry_pushback.h).
class Connection {
 public:
  explicit Connection(const Endpoint& endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends what `next` writes into its argument until `next` returns false, then reads the answer.
  // An error of `next` cancels the call and is returned.
  absl::StatusOr<v1::UploadResponse> Upload(
      absl::FunctionRef<absl::StatusOr<bool>(v1::UploadRequest&)> next, absl::Duration timeout);
  absl::StatusOr<v1::GetUploadResponse> GetUpload(const v1::GetUploadRequest& request,
                                                  absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::FindMissingSourcesResponse> FindMissingSources(
      const v1::FindMissingSourcesRequest& request, absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::StoreStatus> GetStatus(const v1::GetStatusRequest& request,
                                            absl::Duration timeout = kRpcTimeout);
  // Hands on every status that comes until the stream ends.
  absl::Status WatchStatus(const v1::WatchStatusRequest& request, absl::Duration timeout,
                           absl::FunctionRef<void(const v1::StoreStatus&)> on_status);
  absl::StatusOr<v1::ListStoresResponse> ListStores(const v1::ListStoresRequest& request,
                                                    absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::StoreStatus> CancelStore(const v1::CancelStoreRequest& request,
                                              absl::Duration timeout = kRpcTimeout);

  absl::StatusOr<v1::ListProductsResponse> ListProducts(const v1::ListProductsRequest& request,
                                                        absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::Product> CreateProduct(const v1::CreateProductRequest& request,
                                            absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::Product> UpdateProduct(const v1::UpdateProductRequest& request,
                                            absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::DeleteProductResponse> DeleteProduct(const v1::DeleteProductRequest& request,
                                                          absl::Duration timeout = kRpcTimeout);

  // Hands on every part that comes until the stream ends. An error of `on_part` cancels the call
  // and is returned.
  absl::Status Backup(absl::FunctionRef<absl::Status(const v1::BackupResponse&)> on_part,
                      absl::Duration timeout);

  absl::StatusOr<v1::ListRunsResponse> ListRuns(const v1::ListRunsRequest& request,
                                                absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::ListReportsResponse> ListReports(const v1::ListReportsRequest& request,
                                                      absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::Run> UpdateRun(const v1::UpdateRunRequest& request,
                                    absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::DeleteRunResponse> DeleteRun(const v1::DeleteRunRequest& request,
                                                  absl::Duration timeout = kRpcTimeout);

  // A collection makes way for everybody else, and may take long.
  absl::StatusOr<v1::CollectGarbageResponse> CollectGarbage(
      const v1::CollectGarbageRequest& request, absl::Duration timeout);

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace stored::client
