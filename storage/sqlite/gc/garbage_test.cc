// Garbage collection: checks of rows that no query returns.
#include <fmt/format.h>

#include <utility>

#include "storage/conformance/conformance.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/gc/gc_transaction.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::storage::sqlite {
namespace {

constexpr char kProduct[] = "products/default.db";

class SqliteGarbageTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "garbage-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    Open();
  }

  void Open() {
    backend_.reset();
    absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(0));
    ASSERT_TRUE(backend.ok()) << backend.status();
    backend_ = *std::move(backend);
  }

  std::unique_ptr<Database> Connect(const std::string& name) {
    absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(
        directory_->path() + "/" + name, Database::Mode::kReadWrite, /*cache_kib=*/1024);
    EXPECT_TRUE(database.ok()) << database.status();
    return *std::move(database);
  }
  int64_t QueryInt(const std::string& sql) {
    const std::unique_ptr<Database> database = Connect(kProduct);
    const absl::StatusOr<int64_t> value = database->QueryInt(sql);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.value_or(-1);
  }

  // Ingests reports 0 to count - 1 in a.c with this content.
  void Ingest(int count, const std::string& content, const std::string& run = "run") {
    ReportList list;
    if (content.empty()) {
      list.files.push_back({"a.c", ""});
    } else {
      AddSource(list, "a.c", content);
    }
    for (int i = 0; i < count; ++i) list.reports.push_back(MakeReport(i));
    IngestRequest request;
    request.token = fmt::format("token {}", ++ingests_);
    request.run_name = run;
    request.stored_at = At(ingests_);
    RecordingObserver observer;
    const absl::Status status =
        (*backend_->Results(kDefaultProduct))->Ingest(request, list, observer).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  Garbage RunGc(const GarbageRules& rules) {
    TestPace pace;
    Garbage removed;
    const absl::Status status = backend_->CollectGarbage(rules, pace, removed);
    EXPECT_TRUE(status.ok()) << status;
    rests_ = pace.rests();
    return removed;
  }
  void Keep(absl::Duration resolved, absl::Duration history) {
    ProductSettingsChange change;
    change.resolved_report_retention = resolved;
    change.history_retention = history;
    ASSERT_TRUE(backend_->UpdateProduct(kDefaultProduct, change).ok());
  }
  // Returns the source of each report of the run, as the schema defines it: for a closed report the
  // newest version before closed_by, otherwise the newest version.
  std::string SourcesOfReports() {
    const std::unique_ptr<Database> database = Connect(kProduct);
    absl::StatusOr<Statement> select = database->Prepare(
        "SELECT report_hash, (SELECT hex(sha256) FROM file_versions AS v WHERE v.run_id = "
        "reports.run_id AND v.file_id = reports.file_id AND (closed_by IS NULL OR from_history < "
        "closed_by) ORDER BY from_history DESC LIMIT 1) FROM reports ORDER BY report_hash");
    EXPECT_TRUE(select.ok()) << select.status();
    std::string sources;
    while (select->Step().value())
      sources += ToHex(select->Bytes(0)) + " " + select->String(1) + "\n";
    return sources;
  }
  // Returns the content at each entry of the run's history.
  std::string SourcesOfHistory() {
    const std::unique_ptr<Database> database = Connect(kProduct);
    absl::StatusOr<Statement> select = database->Prepare(
        "SELECT store_number, (SELECT hex(sha256) FROM file_versions AS v WHERE v.run_id = "
        "run_history.run_id AND from_history <= run_history.id ORDER BY from_history DESC LIMIT 1) "
        "FROM run_history ORDER BY id");
    EXPECT_TRUE(select.ok()) << select.status();
    std::string sources;
    while (select->Step().value()) sources += select->String(0) + " " + select->String(1) + "\n";
    return sources;
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Backend> backend_;
  int ingests_ = 0;
  int rests_ = 0;
};

TEST_F(SqliteGarbageTest, OldHistory_RemovedWithItsVersions_OthersKeepTheirSources) {
  Ingest(1, "int v1;");
  Ingest(2, "int v2;");  // Opens report 1.
  Ingest(2, "int v3;");
  Ingest(2, "int v4;");
  Ingest(1, "int v5;");  // Closes it: it was found in v4.
  Ingest(1, "");
  Ingest(1, "int v7;");
  Ingest(1, "int v8;");
  Ingest(1, "int v9;");
  ASSERT_EQ(QueryInt("SELECT count(*) FROM file_versions"), 9);
  const std::string of_reports = SourcesOfReports();
  Keep(absl::ZeroDuration(), absl::Seconds(1));

  // Entry 1 opened report 0, report 1 refers to 2 and 5, and 9 is the newest.
  EXPECT_EQ(RunGc({At(1000)}).products.at(0).history_entries, 5);
  EXPECT_EQ(SourcesOfReports(), of_reports);
  const std::string v9 = Sha256::Of("int v9;").Hex();
  std::string sources = SourcesOfHistory();
  EXPECT_EQ(std::count(sources.begin(), sources.end(), '\n'), 4);
  for (const auto& [store, content] :
       {std::pair{1, "int v1;"}, {2, "int v2;"}, {5, "int v5;"}, {9, "int v9;"}}) {
    std::string hex = Sha256::Of(content).Hex();
    std::transform(hex.begin(), hex.end(), hex.begin(), ::toupper);
    EXPECT_NE(sources.find(fmt::format("{} {}\n", store, hex)), std::string::npos) << sources;
  }
  // v3, v7 and the version without a source are removed; v8 stays because an entry that still
  // exists replaced it.
  EXPECT_EQ(QueryInt("SELECT count(*) FROM file_versions"), 6);
}

TEST_F(SqliteGarbageTest, RemovedRun_AllItsRowsAreRemoved) {
  Ingest(1200, "int gone;");
  Ingest(3, "int stays;", "other");
  ASSERT_TRUE(backend_->RemoveRun(kDefaultProduct, "run").ok());
  EXPECT_EQ(QueryInt("SELECT count(*) FROM removed_runs"), 1);
  RunGc({At(1000)});
  EXPECT_GE(rests_, 1200 / TransactionBudget::kRows) << "not in small transactions";
  for (const char* table : {"reports", "run_history", "file_versions"}) {
    EXPECT_EQ(QueryInt(fmt::format(
                  "SELECT count(*) FROM {} WHERE run_id NOT IN (SELECT id FROM runs)", table)),
              0)
        << table;
  }
  EXPECT_EQ(QueryInt("SELECT count(*) FROM removed_runs"), 0);
  EXPECT_EQ(QueryInt("SELECT count(*) FROM reports"), 3);
  EXPECT_EQ(QueryInt("SELECT count(*) FROM unreferenced"), 1);
}

// A content is checked again before it is removed, in case its mark is wrong.
TEST_F(SqliteGarbageTest, MarkedContentWithAReference_LosesItsMarkAndStays) {
  Ingest(1, "int a;");
  ASSERT_TRUE(
      Connect(kProduct)
          ->Execute("INSERT INTO unreferenced (sha256, since) SELECT sha256, 0 FROM contents")
          .ok());
  TestPace pace;
  EXPECT_TRUE(backend_->CountGarbage({At(1000)}, pace)->empty());
  EXPECT_TRUE(RunGc({At(1000)}).empty());
  EXPECT_EQ(QueryInt("SELECT count(*) FROM contents"), 1);
  EXPECT_EQ(QueryInt("SELECT count(*) FROM unreferenced"), 0);
}

// More contents than one scan reads, and than one transaction marks or removes.
TEST_F(SqliteGarbageTest, ManyContents_AllAreFound) {
  constexpr int kContents = 12'000;
  ASSERT_TRUE(Connect(kProduct)
                  ->Execute(fmt::format(
                      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                      "{}) INSERT INTO contents (sha256, size, zstd) SELECT randomblob(32), 1, "
                      "x'00' FROM n",
                      kContents))
                  .ok());
  Ingest(1, "int a;");
  EXPECT_TRUE(RunGc({At(1000)}).empty());
  EXPECT_EQ(QueryInt("SELECT count(*) FROM unreferenced"), kContents);
  const Garbage removed = RunGc({At(1001) + absl::Hours(24)});
  EXPECT_EQ(removed.products.at(0).contents, kContents);
  EXPECT_EQ(removed.products.at(0).content_bytes, kContents);
  EXPECT_EQ(QueryInt("SELECT count(*) FROM contents"), 1);
  EXPECT_EQ(QueryInt("SELECT count(*) FROM unreferenced"), 0);
}

// A database whose contents are removed and replaced again and again does not grow.
TEST_F(SqliteGarbageTest, FreedSpace_IsReused) {
  const auto store_and_remove = [&](int round) {
    Ingest(2000, "int a;", fmt::format("run {}", round));
    ASSERT_TRUE(backend_->RemoveRun(kDefaultProduct, fmt::format("run {}", round)).ok());
    RunGc({At(1000)});
  };
  store_and_remove(1);
  store_and_remove(2);
  const int64_t pages = QueryInt("PRAGMA page_count");
  for (int round = 3; round < 8; ++round) store_and_remove(round);
  EXPECT_LE(QueryInt("PRAGMA page_count"), pages + pages / 10);
}

}  // namespace
}  // namespace stored::storage::sqlite
