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

// Default timeout of a unary RPC.
inline constexpr absl::Duration kRpcTimeout = absl::Seconds(10);

// The RPCs of a stored server, over one TCP connection (or unix socket) of its own, which the first
// call opens and the destructor closes. Hides gRPC's types from its callers. Calls block. Safe for
// concurrent use.
//
// Every call has a timeout. Errors of the server are returned as they are, see proto/stored/v1.
// Failures of the transport (no connection, a broken connection, no answer in time) are
// UNAVAILABLE, never DEADLINE_EXCEEDED: the client reserves that code for the time limit that its
// user gave. An error carries the delay that the server asked for, if any
// (base/time/retry_pushback.h).
class Connection {
 public:
  explicit Connection(const Endpoint& endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Calls `next` for one message after another and sends them until `next` returns false, then
  // reads the response. If `next` returns an error, cancels the call and returns that error.
  absl::StatusOr<v1::UploadResponse> Upload(
      absl::FunctionRef<absl::StatusOr<bool>(v1::UploadRequest&)> next, absl::Duration timeout);
  absl::StatusOr<v1::GetUploadResponse> GetUpload(const v1::GetUploadRequest& request,
                                                  absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::FindMissingSourcesResponse> FindMissingSources(
      const v1::FindMissingSourcesRequest& request, absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::StoreStatus> GetStatus(const v1::GetStatusRequest& request,
                                            absl::Duration timeout = kRpcTimeout);
  // Calls `on_status` with every status that arrives until the stream ends.
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

  // Calls `on_part` with every part that arrives until the stream ends. If `on_part` returns an
  // error, cancels the call and returns that error.
  absl::Status Backup(absl::FunctionRef<absl::Status(const v1::BackupResponse&)> on_part,
                      absl::Duration timeout);

  absl::StatusOr<v1::ListRunsResponse> ListRuns(const v1::ListRunsRequest& request,
                                                absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::ListRunHistoryResponse> ListRunHistory(
      const v1::ListRunHistoryRequest& request, absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::ListReportsResponse> ListReports(const v1::ListReportsRequest& request,
                                                      absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::CompareRunsResponse> CompareRuns(const v1::CompareRunsRequest& request,
                                                      absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::Run> UpdateRun(const v1::UpdateRunRequest& request,
                                    absl::Duration timeout = kRpcTimeout);
  absl::StatusOr<v1::DeleteRunResponse> DeleteRun(const v1::DeleteRunRequest& request,
                                                  absl::Duration timeout = kRpcTimeout);

  // Takes long on a busy server, because garbage collection yields to all other work.
  absl::StatusOr<v1::CollectGarbageResponse> CollectGarbage(
      const v1::CollectGarbageRequest& request, absl::Duration timeout);

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace stored::client
