#include "services/product_service.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/product_marshalling.h"
#include "services/unary_call.h"
#include "stored/v1/product_service.grpc.pb.h"

namespace stored::services {
namespace {

class ProductServiceImpl final : public v1::ProductService::CallbackService {
 public:
  explicit ProductServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListProducts(grpc::CallbackServerContext* call,
                                         const v1::ListProductsRequest*,
                                         v1::ListProductsResponse* response) override {
    return Answer(call, "ListProducts", [this, response](RequestLog&) -> absl::Status {
      STORED_ASSIGN_OR_RETURN(const std::vector<storage::ProductSummary> products,
                              context_.store.ListProducts());
      for (const storage::ProductSummary& product : products) {
        *response->add_products() = marshalling::ToProto(product);
      }
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* CreateProduct(grpc::CallbackServerContext* call,
                                          const v1::CreateProductRequest* request,
                                          v1::Product* response) override {
    return Answer(call, "CreateProduct", [this, request, response](RequestLog& log) {
      log.Add("product", request->name());
      return Create(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* UpdateProduct(grpc::CallbackServerContext* call,
                                          const v1::UpdateProductRequest* request,
                                          v1::Product* response) override {
    return Answer(call, "UpdateProduct", [this, request, response](RequestLog& log) {
      log.Add("product", request->name());
      return Update(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* DeleteProduct(grpc::CallbackServerContext* call,
                                          const v1::DeleteProductRequest* request,
                                          v1::DeleteProductResponse*) override {
    return Answer(call, "DeleteProduct", [this, request](RequestLog& log) {
      log.Add("product", request->name());
      return Delete(request->name());
    });
  }

 private:
  template <typename Work>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* call, std::string_view method,
                                   Work work) {
    return AnswerOn(context_.queries, context_.clock, call, method, std::move(work));
  }

  absl::Status Create(const v1::CreateProductRequest& request, v1::Product& response) {
    STORED_ASSIGN_OR_RETURN(const storage::ProductSettingsChange change,
                            marshalling::FromProto(request.settings()));
    storage::ProductSettings settings;
    change.ApplyTo(settings);
    STORED_ASSIGN_OR_RETURN(
        const storage::ProductSummary product,
        context_.store.CreateProduct(request.name(), settings, context_.clock.Now()));
    response = marshalling::ToProto(product);
    return absl::OkStatus();
  }

  absl::Status Update(const v1::UpdateProductRequest& request, v1::Product& response) {
    STORED_ASSIGN_OR_RETURN(const storage::ProductSettingsChange change,
                            marshalling::FromProto(request.settings()));
    STORED_ASSIGN_OR_RETURN(const storage::ProductSummary product,
                            context_.store.UpdateProduct(request.name(), change));
    response = marshalling::ToProto(product);
    return absl::OkStatus();
  }

  absl::Status Delete(const std::string& name) {
    const absl::Status deleted = context_.store.DeleteProduct(name, context_.clock.Now());
    // Also when its files could not be removed: its stores have FAILED before that.
    const absl::Status told = TellWaiting(name);
    return deleted.ok() ? told : deleted;
  }

  // Stores that waited for the product have FAILED; whoever watches them is told.
  absl::Status TellWaiting(const std::string& product) {
    storage::SessionFilter filter;
    filter.product = product;
    filter.states = {storage::StoreState::kFailed};
    std::string page_token;
    do {
      STORED_ASSIGN_OR_RETURN(const storage::SessionPage page,
                              context_.store.queue().List(filter, 1000, page_token));
      for (const storage::StoreSession& session : page.sessions) {
        if (context_.hub.Find(session.token) == nullptr) continue;  // It failed long ago.
        context_.hub.Publish(session);
        context_.spool.Remove(session.payload.file).IgnoreError();
      }
      page_token = page.next_page_token;
    } while (!page_token.empty());
    return absl::OkStatus();
  }

  ServiceContext& context_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewProductService(ServiceContext& context) {
  return std::make_unique<ProductServiceImpl>(context);
}

}  // namespace stored::services
