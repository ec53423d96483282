#include "storage/sqlite/connection/database_copy.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/files/file.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {
namespace {

class DatabaseCopyTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::make_unique<TemporaryDirectory>(*TemporaryDirectory::Create("", "copy-test-"));
    std::unique_ptr<Database> database =
        *Database::Open(Path("source"), Database::Mode::kCreate, 1024);
    ASSERT_TRUE(
        database->Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, b BLOB)").ok());
    writer_ = std::make_unique<Writer>(std::move(database));
    // More pages than one step of a copy takes.
    for (int i = 0; i < 5; ++i) Insert("zeroblob(4 << 20)");
    readers_ = std::make_unique<ReaderPool>(Path("source"));
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }

  void Insert(const std::string& blob) {
    ASSERT_TRUE(writer_
                    ->Write([&](Database& database) {
                      return database.Execute("INSERT INTO t VALUES (1, " + blob + ")");
                    })
                    .ok());
  }

  int64_t RowsOfCopy() {
    return *(*Database::Open(Path("copy"), Database::Mode::kReadOnly, 1024))
                ->QueryInt("SELECT count(*) FROM t");
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReaderPool> readers_;
};

TEST_F(DatabaseCopyTest, CopyDatabase_WritersGoOn_TheSnapshotIsCopiedOnce) {
  const absl::StatusOr<ReaderPool::Reader> reader = readers_->Acquire();
  ASSERT_TRUE(reader.ok()) << reader.status();
  Insert("NULL");  // After the snapshot.
  int steps = 0;
  const absl::Status copied = CopyDatabase(**reader, Path("copy"), [&] {
    Insert("NULL");
    return ++steps > 50;
  });
  EXPECT_TRUE(copied.ok()) << copied;
  EXPECT_LT(steps, 10);
  EXPECT_EQ(RowsOfCopy(), 5);
}

TEST_F(DatabaseCopyTest, CopyDatabase_Cancelled) {
  const absl::StatusOr<ReaderPool::Reader> reader = readers_->Acquire();
  EXPECT_EQ(CopyDatabase(**reader, Path("copy"), [] { return true; }).code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace stored::storage::sqlite
