// Databases of older versions of this program: they open, and everything in them works. The scripts
// are those of the old versions and never change.
#include <fmt/format.h>

#include "storage/conformance/conformance.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::storage::sqlite {
namespace {

constexpr char kMetaVersion1[] = R"sql(
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
CREATE TABLE products (
  name TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stores (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  token TEXT NOT NULL UNIQUE,
  upload_id TEXT UNIQUE,
  product TEXT NOT NULL,
  run_name TEXT NOT NULL,
  tag TEXT NOT NULL,
  description TEXT NOT NULL,
  format INTEGER NOT NULL,
  force INTEGER NOT NULL,
  trim_path_prefixes BLOB NOT NULL,
  skip_bad_files INTEGER NOT NULL,
  payload_file TEXT NOT NULL,
  payload_size INTEGER NOT NULL,
  payload_sha256 BLOB NOT NULL,
  state INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  attempts INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  result BLOB,
  error_code INTEGER NOT NULL,
  error_message TEXT NOT NULL
) STRICT;
CREATE INDEX stores_by_state ON stores (state, sequence);
CREATE INDEX stores_by_run ON stores (product, run_name, state);
PRAGMA user_version = 1;
PRAGMA application_id = 1398033713;

INSERT INTO products VALUES ('default', 1700000000000000, 1);
INSERT INTO stores VALUES (
  1, 'token-of-the-completed', 'upload-1', 'default', 'old run', 'v1', '', 1, 0, x'00', 0, 'f1', 1,
  zeroblob(32), 4, 1048576, 1700000000000000, 1700000001000000, 1700000002000000, 1, 0, 1,
  x'0000000000000000000000000000', 0,
  '');
INSERT INTO stores VALUES (
  2, 'token-of-the-waiting', NULL, 'default', 'old run', '', '', 1, 0, x'00', 0, 'f2', 1,
  zeroblob(32), 2, 1048576, 1700000003000000, NULL, NULL, 0, 0, 0, NULL, 0, '');
)sql";

constexpr char kProductVersion1[] = R"sql(
PRAGMA page_size = 4096;
PRAGMA journal_mode = WAL;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  latest_history_id INTEGER NOT NULL,
  store_count INTEGER NOT NULL,
  open_reports INTEGER NOT NULL,
  reports INTEGER NOT NULL
) STRICT;

CREATE TABLE run_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  store_number INTEGER NOT NULL,
  token TEXT NOT NULL,
  tag TEXT NOT NULL,
  description TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  analyzers BLOB NOT NULL,
  analyses BLOB NOT NULL,
  UNIQUE (run_id, store_number)
) STRICT;
CREATE UNIQUE INDEX run_history_by_tag ON run_history (run_id, tag) WHERE tag <> '';

CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE contents (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  zstd BLOB NOT NULL
) STRICT;

CREATE TABLE file_versions (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  file_id INTEGER NOT NULL REFERENCES files (id),
  from_history INTEGER NOT NULL REFERENCES run_history (id),
  sha256 BLOB,
  PRIMARY KEY (run_id, file_id, from_history)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkers (
  id INTEGER PRIMARY KEY,
  analyzer TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (analyzer, name)
) STRICT;

CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  checker_id INTEGER NOT NULL REFERENCES checkers (id),
  file_id INTEGER NOT NULL REFERENCES files (id),
  line INTEGER NOT NULL,
  col INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  opened_by INTEGER NOT NULL REFERENCES run_history (id),
  closed_by INTEGER REFERENCES run_history (id),
  review_status INTEGER NOT NULL,
  review_in_source INTEGER NOT NULL,
  detected_at INTEGER NOT NULL,
  fixed_at INTEGER,
  bug_path_length INTEGER NOT NULL,
  report_hash ANY NOT NULL,
  identity BLOB NOT NULL,
  category TEXT NOT NULL,
  type TEXT NOT NULL,
  message TEXT NOT NULL,
  review_comment TEXT NOT NULL,
  annotations BLOB NOT NULL,
  bug_path BLOB NOT NULL
) STRICT;
CREATE INDEX reports_by_run ON reports (
  run_id, id, state, reopened, opened_by, checker_id, file_id, severity, review_status,
  report_hash, identity
);

CREATE TABLE ingested (
  token TEXT PRIMARY KEY,
  history_id INTEGER NOT NULL REFERENCES run_history (id),
  result BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
PRAGMA application_id = 1398034481;

INSERT INTO runs VALUES (1, 'old run', 1700000000000000, 2, 2, 1, 2);
INSERT INTO run_history VALUES
  (1, 1, 1, 'an older token', '', '', 1700000000000000, x'00', x'00'),
  (2, 1, 2, 'token-of-the-completed', 'v1', '', 1700000002000000, x'00', x'00');
INSERT INTO files VALUES (1, 'src/a.c');
INSERT INTO contents VALUES
  (1, CAST(x'01' || zeroblob(31) AS BLOB), 5, x'0102'),
  (2, CAST(x'02' || zeroblob(31) AS BLOB), 5, x'0102');
INSERT INTO file_versions VALUES (1, 1, 1, CAST(x'01' || zeroblob(31) AS BLOB));
INSERT INTO checkers VALUES (1, 'clangsa', 'core.NullDereference');
INSERT INTO reports (
  id, run_id, checker_id, file_id, line, col, severity, state, reopened, opened_by, closed_by,
  review_status, review_in_source, detected_at, fixed_at, bug_path_length, report_hash, identity,
  category, type, message, review_comment, annotations, bug_path)
VALUES
  (1, 1, 1, 1, 3, 5, 3, 0, 0, 1, NULL, 1, 0, 1700000000000000, NULL, 1, 'hash-1', zeroblob(16), '',
   '', 'stays', '', x'00', x''),
  (2, 1, 1, 1, 4, 5, 3, 4, 0, 1, 2, 1, 0, 1700000000000000, 1700000002000000, 1, 'hash-2',
   zeroblob(16), '', '', 'was fixed', '', x'00', x'');
INSERT INTO ingested VALUES ('token-of-the-completed', 2, x'0000000000000000000000000000');
)sql";

class MigrationTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "migration-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    ASSERT_TRUE(CreateDirectories(directory_->path() + "/products").ok());
    Make("meta.db", kMetaVersion1);
    Make("products/default.db", kProductVersion1);
  }

  void Make(const std::string& name, const char* script) {
    absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(
        directory_->path() + "/" + name, Database::Mode::kCreate, /*cache_kib=*/1024);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status made = (*database)->Execute(script);
    ASSERT_TRUE(made.ok()) << made;
  }

  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(MigrationTest, Version1_OpensWithItsContents) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(100));
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::vector<ProductSummary> products = *(*backend)->ListProducts();
  ASSERT_EQ(products.size(), 1U);
  EXPECT_EQ(products[0].run_count, 1);
  EXPECT_EQ(products[0].settings, ProductSettings());
  SessionQueue& queue = (*backend)->queue();
  ASSERT_TRUE(queue.Get("token-of-the-completed").ok());
  EXPECT_EQ(queue.Get("token-of-the-completed")->state, StoreState::kCompleted);
  ASSERT_TRUE(queue.Get("token-of-the-waiting").ok());
  EXPECT_EQ(queue.Get("token-of-the-waiting")->request.expire_after, std::nullopt);
  const std::shared_ptr<ProductResults> results = *(*backend)->Results(kDefaultProduct);
  const absl::StatusOr<RunPage> runs = results->ListRuns("", 10, "");
  ASSERT_EQ(runs->runs.size(), 1U);
  EXPECT_EQ(runs->runs[0].expire_after, std::nullopt);
  EXPECT_EQ(results->ListReports({.run_name = "old run"})->reports.size(), 2U);
}

TEST_F(MigrationTest, Version1_NewerFeaturesWork) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(100));
  ASSERT_TRUE(backend.ok()) << backend.status();
  ProductSettingsChange change;
  change.resolved_report_retention = absl::Seconds(50);
  change.history_retention = absl::Seconds(50);
  ASSERT_TRUE((*backend)->UpdateProduct(kDefaultProduct, change).ok());
  // Ingests the ENQUEUED store.
  ASSERT_TRUE((*backend)->queue().ClaimNext(At(101), {}).ok());
  IngestRequest request;
  request.token = "token-of-the-waiting";
  request.run_name = "old run";
  request.stored_at = At(101);
  request.expire_after = absl::Seconds(1000);
  ReportList list = MakeReports(1);
  RecordingObserver observer;
  const std::shared_ptr<ProductResults> results = *(*backend)->Results(kDefaultProduct);
  const absl::StatusOr<StoreResult> result = results->Ingest(request, list, observer);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->new_reports, 1);
  EXPECT_EQ(result->resolved_reports, 1);
  ASSERT_TRUE((*backend)->queue().Complete(request.token, *result, At(101)).ok());

  TestPace pace;
  Garbage removed;
  const GarbageRules rules = {At(110), absl::Seconds(20), absl::Seconds(20), absl::Seconds(20)};
  ASSERT_TRUE((*backend)->CollectGarbage(rules, pace, removed).ok());
  EXPECT_EQ(removed.consumed_stores, 1);
  EXPECT_EQ(removed.products.at(0).reports, 1);
  Garbage later;
  ASSERT_TRUE(
      (*backend)
          ->CollectGarbage({At(200), absl::Seconds(20), absl::Seconds(20), absl::Seconds(20)}, pace,
                           later)
          .ok());
  EXPECT_EQ(later.unconsumed_stores, 1);
  EXPECT_EQ(later.products.at(0).contents, 1);
  Garbage last;
  ASSERT_TRUE((*backend)->CollectGarbage({At(1101)}, pace, last).ok());
  EXPECT_EQ(last.products.at(0).expired_runs, std::vector<std::string>{"old run"});
}

TEST_F(MigrationTest, Version1_EarlierSnapshots_SayThatTheyAreIncomplete) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(100));
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::shared_ptr<ProductResults> results = *(*backend)->Results(kDefaultProduct);
  const absl::StatusOr<ReportPage> newest = results->ListReports({.run_name = "old run"});
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_TRUE(newest->snapshot.newest);
  EXPECT_FALSE(newest->snapshot.incomplete);
  const absl::StatusOr<ReportPage> earlier = results->ListReports(
      {.run_name = "old run", .time = newest->snapshot.stored_at - absl::Microseconds(1)});
  ASSERT_TRUE(earlier.ok()) << earlier.status();
  EXPECT_EQ(earlier->snapshot.store_number, newest->snapshot.store_number - 1);
  EXPECT_TRUE(earlier->snapshot.incomplete);
  // The report that the newest store resolved was open.
  ASSERT_EQ(earlier->reports.size(), 2U);
  EXPECT_EQ(earlier->reports[1].fixed_at, std::nullopt);

  // A later store keeps what the newest store of that version found.
  ReportList list = MakeReports(1);
  RecordingObserver observer;
  IngestRequest request;
  request.token = "token";
  request.run_name = "old run";
  request.stored_at = At(200);
  ASSERT_TRUE(results->Ingest(request, list, observer).ok());
  const absl::StatusOr<ReportPage> then =
      results->ListReports({.run_name = "old run", .time = At(199)});
  ASSERT_TRUE(then.ok()) << then.status();
  EXPECT_FALSE(then->snapshot.incomplete);
  ASSERT_EQ(then->reports.size(), newest->reports.size());
  for (size_t i = 0; i < then->reports.size(); ++i) {
    EXPECT_EQ(then->reports[i].detection_status, newest->reports[i].detection_status);
    EXPECT_EQ(then->reports[i].fixed_at, newest->reports[i].fixed_at);
  }
}

TEST_F(MigrationTest, Version1_CountsInTheHistory_OnlyOfNewerStores) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(100));
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::shared_ptr<ProductResults> results = *(*backend)->Results(kDefaultProduct);
  ReportList list = MakeReports(1);
  RecordingObserver observer;
  IngestRequest request;
  request.token = "token";
  request.run_name = "old run";
  request.stored_at = At(200);
  ASSERT_TRUE(results->Ingest(request, list, observer).ok());
  const absl::StatusOr<HistoryPage> page = results->ListRunHistory("old run", 10, "");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->entries.size(), 3U);
  // The report that the older version had open is resolved.
  EXPECT_EQ(page->entries[0].counts, (StoreCounts{.new_reports = 1, .resolved_reports = 1}));
  EXPECT_EQ(page->entries[1].counts, std::nullopt);
  EXPECT_EQ(page->entries[1].tag, "v1");
  EXPECT_EQ(page->entries[1].stored_at, At(2));
  EXPECT_EQ(page->entries[2].counts, std::nullopt);
}

TEST_F(MigrationTest, Version1_SeverityNotStated_IsThatOfTheChecker) {
  Make("products/default.db", "UPDATE reports SET severity = 0 WHERE id = 1");
  absl::StatusOr<std::unique_ptr<Backend>> backend = OpenSqliteBackend(directory_->path(), At(100));
  ASSERT_TRUE(backend.ok()) << backend.status();
  const std::shared_ptr<ProductResults> results = *(*backend)->Results(kDefaultProduct);
  const auto listed = [&](std::vector<reports::Severity> severities) {
    ReportQuery query;
    query.run_name = "old run";
    query.filter.severities = std::move(severities);
    const absl::StatusOr<ReportPage> page = results->ListReports(query);
    if (!page.ok()) return std::string(page.status().message());
    std::string found;
    for (const reports::StoredReport& report : page->reports) {
      found += fmt::format("{}:{} ", report.id, static_cast<int>(report.report.severity));
    }
    return found;
  };
  EXPECT_EQ(listed({}), "1:4 2:3 ");
  EXPECT_EQ(listed({reports::Severity::kHigh}), "1:4 ");
  EXPECT_EQ(listed({reports::Severity::kMedium}), "2:3 ");
  EXPECT_EQ(listed({reports::Severity::kUnspecified}), "");
}

// A migration that fails leaves the database as it was.
TEST_F(MigrationTest, Version1_MigrationFails_TheFileIsAsItWas) {
  Make("products/default.db", "CREATE TABLE removed_runs (in_the_way)");
  EXPECT_FALSE(OpenSqliteBackend(directory_->path(), At(100)).ok());
  Make("products/default.db", "DROP TABLE removed_runs");
  EXPECT_TRUE(OpenSqliteBackend(directory_->path(), At(100)).ok());
}

}  // namespace
}  // namespace stored::storage::sqlite
