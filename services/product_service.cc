#include "services/product_service.h"

#include <grpcpp/grpcpp.h>

#include <utility>
#include <vector>

#include "base/status.h"
#include "marshalling/product_marshalling.h"
#include "services/call.h"
#include "stored/v1/product_service.grpc.pb.h"

namespace stored::services {
namespace {

class ProductServiceImpl final : public v1::ProductService::CallbackService {
 public:
  explicit ProductServiceImpl(ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListProducts(grpc::CallbackServerContext* rpc,
                                         const v1::ListProductsRequest*,
                                         v1::ListProductsResponse* response) override {
    return Answer(rpc, "ListProducts", [this, response](Call&) { return List(*response); });
  }

  grpc::ServerUnaryReactor* CreateProduct(grpc::CallbackServerContext* rpc,
                                          const v1::CreateProductRequest* request,
                                          v1::Product* response) override {
    return Answer(rpc, "CreateProduct", [this, request, response](Call& call) {
      call.Add("product", request->name());
      return Create(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* UpdateProduct(grpc::CallbackServerContext* rpc,
                                          const v1::UpdateProductRequest* request,
                                          v1::Product* response) override {
    return Answer(rpc, "UpdateProduct", [this, request, response](Call& call) {
      call.Add("product", request->name());
      return Update(*request, *response);
    });
  }

  grpc::ServerUnaryReactor* DeleteProduct(grpc::CallbackServerContext* rpc,
                                          const v1::DeleteProductRequest* request,
                                          v1::DeleteProductResponse*) override {
    return Answer(rpc, "DeleteProduct", [this, request](Call& call) {
      call.Add("product", request->name());
      return context_.products.Delete(request->name());
    });
  }

 private:
  template <typename Work>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* rpc, std::string_view method,
                                   Work work) {
    return AnswerOn(context_.queries, context_.clock, rpc, method, std::move(work));
  }

  absl::Status List(v1::ListProductsResponse& response) {
    STORED_ASSIGN_OR_RETURN(const std::vector<storage::ProductSummary> products,
                            context_.products.List());
    for (const storage::ProductSummary& product : products) {
      *response.add_products() = marshalling::ToProto(product);
    }
    return absl::OkStatus();
  }

  absl::Status Create(const v1::CreateProductRequest& request, v1::Product& response) {
    STORED_ASSIGN_OR_RETURN(const storage::ProductSettingsChange change,
                            marshalling::FromProto(request.settings()));
    STORED_ASSIGN_OR_RETURN(const storage::ProductSummary product,
                            context_.products.Create(request.name(), change));
    response = marshalling::ToProto(product);
    return absl::OkStatus();
  }

  absl::Status Update(const v1::UpdateProductRequest& request, v1::Product& response) {
    STORED_ASSIGN_OR_RETURN(const storage::ProductSettingsChange change,
                            marshalling::FromProto(request.settings()));
    STORED_ASSIGN_OR_RETURN(const storage::ProductSummary product,
                            context_.products.Update(request.name(), change));
    response = marshalling::ToProto(product);
    return absl::OkStatus();
  }

  ServiceContext& context_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewProductService(ServiceContext& context) {
  return std::make_unique<ProductServiceImpl>(context);
}

}  // namespace stored::services
