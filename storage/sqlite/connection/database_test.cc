#include "storage/sqlite/connection/database.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/cancellation.h"
#include "base/files/file.h"
#include "storage/sqlite/connection/migrations.h"

namespace stored::storage::sqlite {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "database-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
  }
  std::string Path() const { return directory_->path() + "/x.db"; }
  std::unique_ptr<Database> Open(Database::Mode mode = Database::Mode::kCreate) {
    absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(Path(), mode, 1024);
    EXPECT_TRUE(database.ok()) << database.status();
    return database.ok() ? *std::move(database) : nullptr;
  }
  absl::StatusOr<std::unique_ptr<Database>> OpenWith(absl::Span<const char* const> migrations) {
    return OpenDatabase(Path(), {77, "a test's file", 4096, migrations}, /*create=*/true, 1024);
  }

  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(DatabaseTest, Bind_EachKindOfValue_ReadsBackTheSame) {
  const std::unique_ptr<Database> database = Open();
  Statement select = *database->Prepare("SELECT ?, ?, ?, ?, ?, ?, ?");
  const std::string text("a\0b\xff", 4);
  const absl::Time time = absl::FromUnixMicros(-5);
  select.BindAll(int64_t{-1} << 62, text, Blob{text}, std::string_view(), std::nullopt, time, true);
  ASSERT_TRUE(*select.Step());
  EXPECT_EQ(select.Int(0), int64_t{-1} << 62);
  EXPECT_EQ(select.Bytes(1), text);
  EXPECT_FALSE(select.IsBlob(1));
  EXPECT_EQ(select.Bytes(2), text);
  EXPECT_TRUE(select.IsBlob(2));
  EXPECT_FALSE(select.IsNull(3));
  EXPECT_EQ(select.Bytes(3), "");
  EXPECT_TRUE(select.IsNull(4));
  EXPECT_EQ(select.OptionalTime(4), std::nullopt);
  EXPECT_EQ(select.Time(5), time);
  EXPECT_EQ(select.Int(6), 1);
}

TEST_F(DatabaseTest, Prepare_StatementOnLoan_ReturnsAnother) {
  const std::unique_ptr<Database> database = Open();
  constexpr std::string_view kSql = "SELECT ?";
  Statement first = *database->Prepare(kSql);
  first.BindAll(1);
  ASSERT_TRUE(*first.Step());
  Statement second = *database->Prepare(kSql);
  second.BindAll(2);
  ASSERT_TRUE(*second.Step());
  EXPECT_EQ(first.Int(0), 1);
  EXPECT_EQ(second.Int(0), 2);
}

class OddNumbers final : public RowCondition {
 public:
  absl::StatusOr<bool> Holds(const Value& value) override {
    asked.push_back(value.Int());
    if (value.Int() == error_at) return absl::DataLossError("no such number");
    return value.Int() % 2 != 0;
  }

  std::vector<int64_t> asked;
  int64_t error_at = 0;
};

constexpr std::string_view kNumbers =
    "WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2) "
    "SELECT n FROM numbers WHERE ?1 OR stored_holds(?1, n)";

TEST_F(DatabaseTest, RowCondition_SelectsRows) {
  const std::unique_ptr<Database> database = Open();
  OddNumbers odd;
  Statement select = *database->Prepare(kNumbers);
  select.BindAll(&odd, 4);
  std::vector<int64_t> rows;
  while (*select.Step()) rows.push_back(select.Int(0));
  EXPECT_EQ(rows, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(odd.asked, (std::vector<int64_t>{1, 2, 3, 4}));
}

TEST_F(DatabaseTest, RowCondition_Null_SelectsAllRows) {
  const std::unique_ptr<Database> database = Open();
  Statement select = *database->Prepare(kNumbers);
  select.BindAll(static_cast<RowCondition*>(nullptr), 2);
  std::vector<int64_t> rows;
  while (*select.Step()) rows.push_back(select.Int(0));
  EXPECT_EQ(rows, (std::vector<int64_t>{1, 2}));
}

TEST_F(DatabaseTest, RowCondition_Error_IsReturnedByStep) {
  const std::unique_ptr<Database> database = Open();
  OddNumbers odd;
  odd.error_at = 2;
  Statement select = *database->Prepare(kNumbers);
  select.BindAll(&odd, 4);
  EXPECT_TRUE(*select.Step());
  EXPECT_EQ(select.Step().status(), absl::DataLossError("no such number"));
  odd.error_at = 0;
  select.BindAll(&odd, 4);
  EXPECT_TRUE(*select.Step());
}

TEST_F(DatabaseTest, RowCondition_AnotherPointer_IsRefused) {
  const std::unique_ptr<Database> database = Open();
  Statement select = *database->Prepare("SELECT stored_holds(?1, 1)");
  select.BindAll(std::nullopt);
  EXPECT_EQ(select.Step().status().code(), absl::StatusCode::kInternal);
}

TEST_F(DatabaseTest, StopCheck_EndsTheRunningStatementOnly) {
  const std::unique_ptr<Database> database = Open();
  constexpr int64_t kEndless = int64_t{1} << 60;
  int asked = 0;
  const Cancellation stop = [&asked] { return ++asked == 3; };
  Statement select = *database->Prepare(
      "WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers) "
      "SELECT n FROM numbers WHERE n > ?1");
  {
    const StopCheck check(*database, stop);
    select.BindAll(kEndless);
    EXPECT_EQ(select.Step().status().code(), absl::StatusCode::kCancelled);
  }
  select.BindAll(100'000);
  EXPECT_TRUE(*select.Step());
  EXPECT_EQ(asked, 3);
}

TEST_F(DatabaseTest, Transaction_NotCommitted_RolledBack) {
  const std::unique_ptr<Database> database = Open();
  ASSERT_TRUE(database->Execute("CREATE TABLE t (x)").ok());
  {
    absl::StatusOr<Transaction> transaction =
        Transaction::Begin(*database, Transaction::Kind::kWrite);
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    ASSERT_TRUE(database->Run("INSERT INTO t VALUES (1)").ok());
  }
  EXPECT_EQ(*database->QueryInt("SELECT count(*) FROM t"), 0);
}

TEST_F(DatabaseTest, DiskFull_ResourceExhausted_NamesFileAndRemedy) {
  const std::unique_ptr<Database> database = Open();
  ASSERT_TRUE(database->Execute("CREATE TABLE t (x); PRAGMA max_page_count = 8").ok());
  const std::string large(100'000, 'x');
  const absl::Status status = database->Run("INSERT INTO t VALUES (?)", large);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_NE(status.message().find(Path()), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("free space"), absl::string_view::npos) << status;
  EXPECT_EQ(*database->QueryInt("SELECT count(*) FROM t"), 0);
}

TEST_F(DatabaseTest, SqliteStatus_MapsCodes) {
  EXPECT_EQ(SqliteStatus(SQLITE_BUSY, "p", "").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(SqliteStatus(SQLITE_IOERR_FSYNC, "p", "").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(SqliteStatus(SQLITE_CORRUPT, "p", "").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(SqliteStatus(SQLITE_MISUSE, "p", "").code(), absl::StatusCode::kInternal);
}

TEST_F(DatabaseTest, ReadOnly_CannotWrite) {
  ASSERT_TRUE(Open()->Execute("CREATE TABLE t (x)").ok());
  const std::unique_ptr<Database> database = Open(Database::Mode::kReadOnly);
  EXPECT_FALSE(database->Run("INSERT INTO t VALUES (1)").ok());
  EXPECT_FALSE(Database::Open(Path() + "2", Database::Mode::kReadWrite, 1024).ok());
}

TEST_F(DatabaseTest, Migrations_AreAppliedOnceAndInOrder) {
  constexpr const char* kFirst[] = {"CREATE TABLE t (x); INSERT INTO t VALUES (1)"};
  constexpr const char* kBoth[] = {kFirst[0], "UPDATE t SET x = x + 10"};
  ASSERT_TRUE(OpenWith(kFirst).ok());
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<std::unique_ptr<Database>> database = OpenWith(kBoth);
    ASSERT_TRUE(database.ok()) << database.status();
    EXPECT_EQ(*(*database)->QueryInt("SELECT x FROM t"), 11);
    EXPECT_EQ(*(*database)->QueryInt("PRAGMA user_version"), 2);
  }
  EXPECT_EQ(OpenWith(kFirst).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DatabaseTest, Migrations_OneFails_AllAreRolledBack) {
  constexpr const char* kBad[] = {"CREATE TABLE t (x)", "CREATE TABLE t (x)"};
  const absl::Status status = OpenWith(kBad).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("version 2"), absl::string_view::npos) << status;
  const std::unique_ptr<Database> database = Open();
  EXPECT_EQ(*database->QueryInt("SELECT count(*) FROM sqlite_schema"), 0);
  EXPECT_EQ(*database->QueryInt("PRAGMA user_version"), 0);
}

}  // namespace
}  // namespace stored::storage::sqlite
