#include <utility>

#include "storage/conformance/conformance.h"

namespace stored::storage {
namespace {

TEST_P(BackendConformance, Products_Default_ExistsFromTheStart) {
  const std::vector<ProductSummary> products = *backend().ListProducts();
  ASSERT_EQ(products.size(), 1U);
  EXPECT_EQ(products[0].name, kDefaultProduct);
  EXPECT_EQ(products[0].created_at, At(0));
  EXPECT_EQ(products[0].run_count, 0);
  EXPECT_GT(products[0].database_bytes, 0);
}

TEST_P(BackendConformance, CreateProduct_IsSeparate_SurvivesAReopen) {
  ASSERT_TRUE(backend().CreateProduct("beta-2_x", {}, At(5)).ok());
  Ingest(MakeReports(2));
  Reopen();
  const std::vector<ProductSummary> products = *backend().ListProducts();
  ASSERT_EQ(products.size(), 2U);
  EXPECT_EQ(products[0].name, "beta-2_x");
  EXPECT_EQ(products[0].created_at, At(5));
  EXPECT_EQ(products[0].run_count, 0);
  EXPECT_EQ(products[1].run_count, 1);
  EXPECT_TRUE((*backend().Results("beta-2_x"))->ListRuns("", 10, "")->runs.empty());
}

TEST_P(BackendConformance, CreateProduct_BadNameOrTaken_Refused) {
  for (const std::string& bad :
       {std::string(), std::string("Upper"), std::string("../x"), std::string("-x"),
        std::string("a/b"), std::string("a.db"), std::string(65, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(backend().CreateProduct(bad, {}, At(0)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
  EXPECT_TRUE(backend().CreateProduct(std::string(64, 'a'), {}, At(0)).ok());
  EXPECT_EQ(backend().CreateProduct(kDefaultProduct, {}, At(0)).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_P(BackendConformance, CreateProduct_WithSettings_AreKept) {
  ProductSettings settings;
  settings.max_runs = 1;
  settings.max_reports_per_store = int64_t{1} << 40;
  settings.max_bytes_per_store = 3;
  settings.max_queued_stores = 4;
  settings.resolved_report_retention = absl::Hours(24 * 365 * 10);
  settings.history_retention = absl::Microseconds(1);
  EXPECT_EQ(backend().CreateProduct("p", settings, At(0))->settings, settings);
  EXPECT_EQ(*backend().Settings("p"), settings);
  EXPECT_EQ(*backend().Settings(kDefaultProduct), NewProductSettings());
  Reopen();
  EXPECT_EQ(*backend().Settings("p"), settings);
  EXPECT_EQ(backend().ListProducts()->at(1).settings, settings);
}

TEST_P(BackendConformance, UpdateProduct_ChangesOnlyTheFieldsThatAreSet) {
  ProductSettingsChange change;
  change.max_runs = 5;
  change.history_retention = absl::Hours(1);
  Ingest(MakeReports(1));
  const absl::StatusOr<ProductSummary> first = backend().UpdateProduct(kDefaultProduct, change);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->run_count, 1);
  ProductSettingsChange other;
  other.max_runs = 0;
  other.max_queued_stores = 7;
  ASSERT_TRUE(backend().UpdateProduct(kDefaultProduct, other).ok());
  ProductSettings wanted = NewProductSettings();
  wanted.max_queued_stores = 7;
  wanted.history_retention = absl::Hours(1);
  EXPECT_EQ(*backend().Settings(kDefaultProduct), wanted);
  Reopen();
  EXPECT_EQ(*backend().Settings(kDefaultProduct), wanted);
}

TEST_P(BackendConformance, Settings_UnknownProduct_NotFound) {
  EXPECT_EQ(backend().UpdateProduct("nowhere", {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().Settings("nowhere").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, Results_UnknownProduct_NotFound) {
  EXPECT_EQ(backend().Results("nowhere").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().Results("../meta").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, DeleteProduct_RemovesItsResults) {
  ASSERT_TRUE(backend().CreateProduct("p", {}, At(0)).ok());
  const std::shared_ptr<ProductResults> held = *backend().Results("p");
  ReportList list = MakeReports(1);
  RecordingObserver observer;
  IngestRequest request;
  request.token = "t";
  request.run_name = "run";
  ASSERT_TRUE(held->Ingest(request, list, observer).ok());

  ASSERT_TRUE(backend().DeleteProduct("p", At(1)).ok());
  EXPECT_EQ(backend().Results("p").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().DeleteProduct("p", At(1)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(backend().ListProducts()->size(), 1U);

  // Results held from before must not show the new product of the same name.
  ASSERT_TRUE(backend().CreateProduct("p", {}, At(2)).ok());
  EXPECT_TRUE((*backend().Results("p"))->ListRuns("", 10, "")->runs.empty());
  EXPECT_EQ(held->ListRuns("", 10, "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(held->Ingested("t").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(held->Ingest(request, list, observer).status().code(), absl::StatusCode::kNotFound);
  Reopen();
  EXPECT_EQ(backend().ListProducts()->size(), 2U);
}

TEST_P(BackendConformance, DeleteProduct_EnqueuedStoresFail_RunningStoresForbidIt) {
  ASSERT_TRUE(backend().CreateProduct("p", {}, At(0)).ok());
  StoreRequest request;
  request.product = "p";
  request.run_name = "run";
  const SpooledPayload payload = {"f", 1, std::string(32, 'x')};
  const std::string token = queue().Enqueue(request, payload, {}, At(0))->session.token;
  ASSERT_TRUE(queue().ClaimNext(At(0), {}).ok());
  EXPECT_EQ(backend().DeleteProduct("p", At(1)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(backend().Results("p").ok());

  const int64_t revision = queue().Requeue(token, SessionQueue::Attempt::kCounted)->revision;
  ASSERT_TRUE(backend().DeleteProduct("p", At(2)).ok());
  const StoreSession session = *queue().Get(token);
  EXPECT_EQ(session.state, StoreState::kFailed);
  EXPECT_EQ(session.error.code, StoreErrorCode::kProductGone);
  EXPECT_EQ(session.finished_at, At(2));
  EXPECT_GT(session.revision, revision);
  EXPECT_EQ(queue().Enqueue(request, payload, {}, At(3)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, DeleteProduct_Default_Refused) {
  EXPECT_EQ(backend().DeleteProduct(kDefaultProduct, At(0)).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace stored::storage
