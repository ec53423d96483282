#include <utility>

#include "base/time/retry_pushback.h"
#include "storage/conformance/conformance.h"

// Limits of a product: a store over a limit is refused with an error that names the limit and the
// command that raises it, and changes nothing.
namespace stored::storage {
namespace {

void ExpectLimit(const absl::Status& status, const std::string& limit, const std::string& option) {
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_TRUE(IsProductLimit(status)) << status;
  for (const std::string& part :
       {std::string("product \"default\""), limit, "storectl products set default --" + option}) {
    EXPECT_NE(status.message().find(part), absl::string_view::npos) << status;
  }
}

IngestRequest Into(const std::string& run) {
  IngestRequest request;
  request.token = "token of " + run;
  request.run_name = run;
  request.stored_at = At(1);
  return request;
}

TEST_P(BackendConformance, Ingest_NewRunOverTheLimit_Refused_OthersGoOn) {
  Ingest(MakeReports(1), Into("a"));
  IngestRequest request = Into("b");
  request.max_runs = 1;
  ReportList list = MakeReports(2);
  ExpectLimit(TryIngest(list, request).status(), "1 runs", "max-runs");
  EXPECT_EQ(RunNames(), std::vector<std::string>{"a"});
  EXPECT_EQ(*results().Ingested(request.token), std::nullopt);

  IngestRequest known = Into("a");
  known.token = "again";
  known.max_runs = 1;
  EXPECT_TRUE(TryIngest(list, known).ok());
  request.max_runs = 2;
  EXPECT_TRUE(TryIngest(list, request).ok());
}

TEST_P(BackendConformance, Ingest_MoreReportsThanTheLimit_Refused_InNewAndExistingRuns) {
  IngestRequest request = Into("run");
  request.max_reports = 3;
  ReportList four = MakeReports(4);
  ExpectLimit(TryIngest(four, request).status(), "3 distinct reports", "max-reports-per-store");
  EXPECT_TRUE(RunNames().empty());
  // Duplicates do not count.
  ReportList three = MakeReports(3);
  three.reports.push_back(MakeReport(0));
  ASSERT_TRUE(TryIngest(three, request).ok());

  request.token = "second";
  ExpectLimit(TryIngest(four, request).status(), "3 distinct reports", "max-reports-per-store");
  EXPECT_EQ(Statuses(), "NNN");
  ASSERT_TRUE(TryIngest(three, request).ok());
  EXPECT_EQ(Statuses(), "UUU");
}

TEST_P(BackendConformance, Ingest_OverTheLimit_StopsReading) {
  IngestRequest request = Into("run");
  request.max_reports = 3;
  ReportList list = MakeReports(5);
  // An ingest that reads to the end of the stream would return this.
  list.error = absl::DataLossError("read on");
  ExpectLimit(TryIngest(list, request).status(), "3 distinct reports", "max-reports-per-store");
}

TEST_P(BackendConformance, Enqueue_ProductsQueueFull_RefusedWithAPushback) {
  ASSERT_TRUE(backend().CreateProduct("other", {}, At(0)).ok());
  ProductSettingsChange change;
  change.max_queued_stores = 2;
  ASSERT_TRUE(backend().UpdateProduct(kDefaultProduct, change).ok());
  Enqueue("a", "upload-a");
  Enqueue("b");
  StoreRequest request;
  request.product = kDefaultProduct;
  request.run_name = "c";
  const SpooledPayload payload = {"f", 1, std::string(32, 'x')};
  const absl::Status refused = queue().Enqueue(request, payload, {}, At(0)).status();
  ExpectLimit(refused, "2 stores waiting", "max-queued-stores");
  EXPECT_TRUE(RetryPushbackOf(refused).has_value());
  // An upload that was accepted before is accepted again, and other products have room.
  Enqueue("a", "upload-a");
  request.product = "other";
  EXPECT_TRUE(queue().Enqueue(request, payload, {}, At(0)).ok());
  // There is room again once a worker has claimed a store.
  request.product = kDefaultProduct;
  ASSERT_TRUE(queue().ClaimNext(At(0), {}).ok());
  EXPECT_TRUE(queue().Enqueue(request, payload, {}, At(0)).ok());
}

TEST_P(BackendConformance, Runs_CountedAndFound) {
  EXPECT_EQ(*results().CountRuns(), 0);
  EXPECT_FALSE(*results().HasRun("a"));
  Ingest(MakeReports(1), Into("a"));
  EXPECT_EQ(*results().CountRuns(), 1);
  EXPECT_TRUE(*results().HasRun("a"));
  EXPECT_FALSE(*results().HasRun("?"));
}

}  // namespace
}  // namespace stored::storage
