#include "storage/sqlite/sqlite_backend.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <utility>

#include "base/status.h"
#include "storage/conformance/conformance.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

namespace {

absl::StatusOr<std::unique_ptr<Backend>> OpenEmbedded(const std::string& directory,
                                                      absl::Time now) {
  return OpenSqliteBackend(directory, now);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, BackendConformance,
                         testing::Values(BackendFactory{"Embedded", &OpenEmbedded}), FactoryName);

namespace {

constexpr int kCacheKib = 1 << 10;

class SqliteBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "sqlite-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  absl::StatusOr<std::unique_ptr<Backend>> Open() {
    return OpenSqliteBackend(directory_->path(), At(0));
  }
  std::unique_ptr<Backend> MustOpen() {
    absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    EXPECT_TRUE(backend.ok()) << backend.status();
    return backend.ok() ? *std::move(backend) : nullptr;
  }
  void MakeClosedBackend() { ASSERT_NE(MustOpen(), nullptr); }
  // Runs a script on one of the backend's databases.
  void Alter(const std::string& name, const std::string& script) {
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(Path(name), Database::Mode::kReadWrite, kCacheKib);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status = (*database)->Execute(script);
    ASSERT_TRUE(status.ok()) << status;
  }
  // Returns the integer that a query on one of the backend's databases returns.
  int64_t QueryInt(const std::string& name, const std::string& sql) {
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(Path(name), Database::Mode::kReadOnly, kCacheKib);
    EXPECT_TRUE(database.ok()) << database.status();
    if (!database.ok()) return -1;
    const absl::StatusOr<int64_t> value = (*database)->QueryInt(sql);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : -1;
  }
  void Overwrite(const std::string& name, const std::string& bytes, uint64_t offset) {
    absl::StatusOr<UniqueFd> fd = OpenFile(Path(name), O_WRONLY | O_CREAT);
    ASSERT_TRUE(fd.ok()) << fd.status();
    ASSERT_TRUE(WriteAt(fd->get(), bytes, offset, name).ok());
  }
  // Expects that the backend does not open, with an error that names the file and has these words.
  void ExpectRefused(absl::StatusCode code, const std::string& name, const std::string& words) {
    const absl::Status status = Open().status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_NE(status.message().find(name), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find(words), absl::string_view::npos) << status;
  }

  static IngestRequest Request(const std::string& token, const std::string& run = "run") {
    IngestRequest request;
    request.token = token;
    request.run_name = run;
    request.stored_at = At(1);
    return request;
  }
  static absl::StatusOr<StoreResult> Ingest(Backend& backend, const IngestRequest& request,
                                            reports::ReportStream& list) {
    RecordingObserver observer;
    return (*backend.Results(kDefaultProduct))->Ingest(request, list, observer);
  }

  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(SqliteBackendTest, Open_WhileOpenElsewhere_Unavailable) {
  const std::unique_ptr<Backend> backend = MustOpen();
  ExpectRefused(absl::StatusCode::kUnavailable, directory_->path(), "in use by another process");
}

TEST_F(SqliteBackendTest, Open_NewerDatabase_RefusedAndUntouched) {
  MakeClosedBackend();
  for (const std::string name : {"meta.db", "products/default.db"}) {
    const int64_t version = QueryInt(name, "PRAGMA user_version");
    Alter(name, "PRAGMA user_version = 1000");
    ExpectRefused(absl::StatusCode::kFailedPrecondition, name, "newer than this program");
    EXPECT_EQ(QueryInt(name, "PRAGMA user_version"), 1000);
    Alter(name, fmt::format("PRAGMA user_version = {}", version));
    EXPECT_TRUE(Open().ok());
  }
}

TEST_F(SqliteBackendTest, Open_AnotherProgramsDatabase_RefusedAndUntouched) {
  {
    absl::StatusOr<std::unique_ptr<Database>> other =
        Database::Open(Path("meta.db"), Database::Mode::kCreate, kCacheKib);
    ASSERT_TRUE(other.ok()) << other.status();
    ASSERT_TRUE((*other)->Execute("CREATE TABLE precious (x)").ok());
  }
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "meta.db", "another program's");
  EXPECT_EQ(QueryInt("meta.db", "SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(SqliteBackendTest, Open_ProductsDatabaseInPlaceOfMeta_Refused) {
  MakeClosedBackend();
  std::filesystem::copy_file(Path("products/default.db"), Path("meta.db"),
                             std::filesystem::copy_options::overwrite_existing);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "meta.db", "is not stored's queue");
}

TEST_F(SqliteBackendTest, Open_NoDatabase_Refused) {
  Overwrite("meta.db", std::string(8192, 'x'), 0);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "meta.db", "not a SQLite database");
}

TEST_F(SqliteBackendTest, Open_DamagedSchema_Refused) {
  MakeClosedBackend();
  // The first page's b-tree header, which lists the tables.
  Overwrite("products/default.db", std::string(200, '\xee'), 100);
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "default.db", "damaged");
}

TEST_F(SqliteBackendTest, Open_ProductsFileGone_Refused) {
  MakeClosedBackend();
  std::filesystem::remove(Path("products/default.db"));
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "default.db", "missing");
  EXPECT_FALSE(std::filesystem::exists(Path("products/default.db")));
}

TEST_F(SqliteBackendTest, Open_MetaLost_RefusedAndProductsUntouched) {
  MakeClosedBackend();
  const auto size = std::filesystem::file_size(Path("products/default.db"));
  std::filesystem::remove(Path("meta.db"));
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "default.db", "meta.db is missing");
  EXPECT_EQ(std::filesystem::file_size(Path("products/default.db")), size);
}

TEST_F(SqliteBackendTest, Open_CrashedWhileCreatingOrDeleting_RemovesTheProduct) {
  {
    const std::unique_ptr<Backend> backend = MustOpen();
    ASSERT_TRUE(backend->CreateProduct("coming", {}, At(0)).ok());
    ASSERT_TRUE(backend->CreateProduct("going", {}, At(0)).ok());
  }
  Alter("meta.db",
        "UPDATE products SET state = 0 WHERE name = 'coming';"
        "UPDATE products SET state = 2 WHERE name = 'going'");
  const std::unique_ptr<Backend> backend = MustOpen();
  EXPECT_EQ(backend->ListProducts()->size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(Path("products/coming.db")));
  EXPECT_FALSE(std::filesystem::exists(Path("products/going.db")));
  EXPECT_TRUE(backend->CreateProduct("going", {}, At(0)).ok());
}

TEST_F(SqliteBackendTest, CreateProduct_FileInTheWay_LeftAlone) {
  const std::unique_ptr<Backend> backend = MustOpen();
  Overwrite("products/p.db", "someone's", 0);
  const absl::Status status = backend->CreateProduct("p", {}, At(0)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("p.db"), absl::string_view::npos);
  EXPECT_EQ(*ReadFile(Path("products/p.db"), 100), "someone's");
  std::filesystem::remove(Path("products/p.db"));
  EXPECT_TRUE(backend->CreateProduct("p", {}, At(0)).ok());
}

// A copy of the files at this moment is what a process that is killed now leaves.
TEST_F(SqliteBackendTest, Killed_KeepsAcknowledgedStores) {
  const std::unique_ptr<Backend> backend = MustOpen();
  StoreRequest request;
  request.product = kDefaultProduct;
  request.run_name = "run";
  const absl::StatusOr<SessionQueue::Enqueued> enqueued =
      backend->queue().Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, At(0));
  ASSERT_TRUE(enqueued.ok()) << enqueued.status();
  ReportList list = MakeReports(100);
  ASSERT_TRUE(Ingest(*backend, Request("t"), list).ok());

  absl::StatusOr<TemporaryDirectory> copy = TemporaryDirectory::Create("", "sqlite-killed-");
  ASSERT_TRUE(copy.ok()) << copy.status();
  std::filesystem::copy(
      directory_->path(), copy->path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  absl::StatusOr<std::unique_ptr<Backend>> after = OpenSqliteBackend(copy->path(), At(0));
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ((*after)->queue().Get(enqueued->session.token)->state, StoreState::kEnqueued);
  const std::shared_ptr<ProductResults> results = *(*after)->Results(kDefaultProduct);
  EXPECT_EQ(results->Ingested("t").value()->reports, 100);
  EXPECT_EQ(results->ListReports({.run_name = "run"})->reports.size(), 100U);
}

TEST_F(SqliteBackendTest, Ingest_Unchanged_WritesLittle) {
  const std::unique_ptr<Backend> backend = MustOpen();
  ReportList list = MakeReports(5000);
  AddSource(list, "b.c", "int b;");
  list.analyses = {MakeAnalysis({{"core.NullDereference", true}})};
  ASSERT_TRUE(Ingest(*backend, Request("1"), list).ok());
  const std::string digest =
      "SELECT sum(id * 31 + state + opened_by * 7 + reopened + line) FROM reports";
  const int64_t before = QueryInt("products/default.db", digest);
  Alter("products/default.db", "PRAGMA wal_checkpoint(TRUNCATE)");
  ASSERT_EQ(std::filesystem::file_size(Path("products/default.db-wal")), 0U);

  ASSERT_EQ(Ingest(*backend, Request("2"), list)->unresolved_reports, 5000);
  EXPECT_EQ(QueryInt("products/default.db", digest), before);
  EXPECT_LT(std::filesystem::file_size(Path("products/default.db-wal")), 64U << 10);
}

TEST_F(SqliteBackendTest, Checkpoint_CopiesTheLogIntoTheDatabase) {
  const std::unique_ptr<Backend> backend = MustOpen();
  const auto database_size = [this] {
    return std::filesystem::file_size(Path("products/default.db"));
  };
  const uint64_t empty = database_size();
  ReportList list = MakeReports(50'000);
  ASSERT_TRUE(Ingest(*backend, Request("1"), list).ok());
  EXPECT_EQ(database_size(), empty);
  (*backend->Results(kDefaultProduct))->Checkpoint();
  EXPECT_GT(database_size(), empty + (1 << 20));
  // The next ingest overwrites the log from its start.
  const uint64_t log = std::filesystem::file_size(Path("products/default.db-wal"));
  ASSERT_TRUE(Ingest(*backend, Request("2", "other"), list).ok());
  EXPECT_LT(std::filesystem::file_size(Path("products/default.db-wal")), log + log / 2);
}

TEST_F(SqliteBackendTest, Ingest_FileVersions_OnlyWhenTheContentChanged) {
  const std::unique_ptr<Backend> backend = MustOpen();
  const auto ingest = [&](const std::string& token, const std::string& content) {
    ReportList list;
    if (content.empty()) {
      list.files.push_back({"a.c", ""});
    } else {
      AddSource(list, "a.c", content);
    }
    list.reports = {MakeReport(0)};
    ASSERT_TRUE(Ingest(*backend, Request(token), list).ok());
  };
  const auto versions = [&] {
    return QueryInt("products/default.db", "SELECT count(*) FROM file_versions");
  };
  ingest("1", "int a;");
  ingest("2", "int a;");
  EXPECT_EQ(versions(), 1);
  ingest("3", "int aa;");
  EXPECT_EQ(versions(), 2);
  // A file that is not found gets a version too: the old text must not be shown for the new one.
  ingest("4", "");
  ingest("5", "");
  EXPECT_EQ(versions(), 3);
  EXPECT_EQ(QueryInt("products/default.db",
                     "SELECT count(*) FROM file_versions JOIN run_history ON run_history.id = "
                     "from_history WHERE store_number IN (1, 3, 4)"),
            3);
  EXPECT_EQ(QueryInt("products/default.db", "SELECT count(*) FROM contents"), 2);
}

TEST_F(SqliteBackendTest, Ingest_Tag_MovesToTheNewestStore) {
  const std::unique_ptr<Backend> backend = MustOpen();
  ReportList list = MakeReports(1);
  for (const char* token : {"1", "2", "3"}) {
    IngestRequest request = Request(token);
    request.tag = token[0] == '2' ? "other" : "v1";
    ASSERT_TRUE(Ingest(*backend, request, list).ok());
  }
  EXPECT_EQ(
      QueryInt("products/default.db", "SELECT store_number FROM run_history WHERE tag = 'v1'"), 3);
  EXPECT_EQ(
      QueryInt("products/default.db", "SELECT store_number FROM run_history WHERE tag = 'other'"),
      2);
}

// A stream that calls `interruption` in the middle of its first reading.
class InterruptedStream final : public reports::ReportStream {
 public:
  InterruptedStream(ReportList list, std::function<void()> interruption)
      : list_(std::move(list)), interruption_(std::move(interruption)) {}

  std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
    return std::make_unique<reports::DeferredReading>(
        [this](reports::ReportSink& sink) { return Read(sink); });
  }

 private:
  absl::Status Read(reports::ReportSink& sink) {
    for (const reports::SourceFile& file : list_.files) {
      STORED_RETURN_IF_ERROR(sink.AddFile(file));
    }
    for (size_t i = 0; i < list_.reports.size(); ++i) {
      if (i == list_.reports.size() / 2) std::exchange(interruption_, [] {})();
      STORED_RETURN_IF_ERROR(sink.AddReport(list_.reports[i]));
    }
    return sink.Finish(list_.summary);
  }

  ReportList list_;
  std::function<void()> interruption_;
};

TEST_F(SqliteBackendTest, Ingest_InProgress_ReadsSucceedAndDoNotSeeIt) {
  const std::unique_ptr<Backend> backend = MustOpen();
  ReportList list = MakeReports(3);
  ASSERT_TRUE(Ingest(*backend, Request("1"), list).ok());
  const std::shared_ptr<ProductResults> results = *backend->Results(kDefaultProduct);
  int interruptions = 0;
  InterruptedStream stream(MakeReports(2000), [&] {
    ++interruptions;
    EXPECT_EQ(results->ListRuns("", 10, "")->runs.size(), 1U);
    EXPECT_EQ(results->ListReports({.run_name = "run", .with_bug_path = true})->reports.size(), 3U);
    EXPECT_EQ(results->FindMissingContents({})->size(), 0U);
    EXPECT_EQ(*results->Ingested("2"), std::nullopt);
    EXPECT_EQ(backend->ListProducts()->at(0).run_count, 1);
    StoreRequest request;
    request.product = kDefaultProduct;
    request.run_name = "run";
    EXPECT_TRUE(backend->queue().Enqueue(request, {"f", 1, std::string(32, 'x')}, {}, At(0)).ok());
  });
  ASSERT_TRUE(Ingest(*backend, Request("2", "other"), stream).ok());
  EXPECT_EQ(interruptions, 1);
  EXPECT_EQ(results->ListRuns("", 10, "")->runs.size(), 2U);
}

TEST_F(SqliteBackendTest, Ingest_RunStoredIntoWhileComparing_IsComparedAgain) {
  const std::unique_ptr<Backend> backend = MustOpen();
  ReportList list = MakeReports(2);
  ASSERT_TRUE(Ingest(*backend, Request("1"), list).ok());
  InterruptedStream stream(MakeReports(4), [&] {
    ReportList three = MakeReports(3);
    ASSERT_TRUE(Ingest(*backend, Request("2"), three).ok());
  });
  const absl::StatusOr<StoreResult> result = Ingest(*backend, Request("3"), stream);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->new_reports, 1);
  EXPECT_EQ(result->unresolved_reports, 3);
  EXPECT_EQ(QueryInt("products/default.db", "SELECT count(*) FROM reports"), 4);
}

}  // namespace
}  // namespace stored::storage::sqlite
