// Tests in which order a database's writers get the write lock, and how they give up waiting.
#include "storage/sqlite/connection/connections.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/files/file.h"

namespace stored::storage::sqlite {
namespace {

class WriterTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "writer-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(directory_->path() + "/x.db", Database::Mode::kCreate, 1024);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_TRUE((*database)->Execute("CREATE TABLE t (writer TEXT)").ok());
    writer_ = std::make_unique<Writer>(*std::move(database));
  }

  static absl::Status Insert(Database& database, const char* writer) {
    return database.Run("INSERT INTO t VALUES (?)", writer);
  }
  // Returns the names of the writers in the order in which they wrote.
  std::string Order() {
    std::string order;
    const absl::Status read = writer_->Write([&](Database& database) -> absl::Status {
      absl::StatusOr<Statement> select = database.Prepare("SELECT writer FROM t ORDER BY rowid");
      if (!select.ok()) return select.status();
      while (select->Step().value()) order += select->String(0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return order;
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Writer> writer_;
};

// Two writers wait while a third writes: the one in the background goes last although it came
// first. Repeated, so that it does not pass by chance.
TEST_F(WriterTest, WhenIdle_LetsOthersGoFirst) {
  std::string wanted;
  for (int round = 0; round < 20; ++round) {
    std::thread background;
    std::thread other;
    const absl::Status written = writer_->Write([&](Database& database) {
      std::promise<void> asked;
      background = std::thread([this, &asked] {
        bool first = true;
        const auto stopped = [&] {
          if (std::exchange(first, false)) asked.set_value();
          return false;
        };
        EXPECT_TRUE(writer_
                        ->Write({.stopped = stopped, .when_idle = true},
                                [](Database& d) { return Insert(d, "B"); })
                        .ok());
      });
      asked.get_future().wait();
      other = std::thread(
          [this] { EXPECT_TRUE(writer_->Write([](Database& d) { return Insert(d, "O"); }).ok()); });
      while (writer_->waiting() == 0) std::this_thread::yield();
      return Insert(database, "W");
    });
    ASSERT_TRUE(written.ok()) << written;
    background.join();
    other.join();
    wanted += "WOB";
  }
  EXPECT_EQ(Order(), wanted);
}

TEST_F(WriterTest, WhenIdle_Stopped_DoesNothing) {
  const absl::Status written = writer_->Write([&](Database& database) {
    std::thread background([&] {
      EXPECT_EQ(writer_
                    ->Write({.stopped = [] { return true; }, .when_idle = true},
                            [](Database& d) { return Insert(d, "B"); })
                    .code(),
                absl::StatusCode::kCancelled);
    });
    background.join();
    return Insert(database, "W");
  });
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_EQ(Order(), "W");
}

TEST_F(WriterTest, Patience_OthersWriteForLonger_Unavailable) {
  const absl::Status written = writer_->Write([&](Database& database) {
    std::thread hurried([&] {
      EXPECT_EQ(writer_
                    ->Write({.patience = absl::Milliseconds(10)},
                            [](Database& d) { return Insert(d, "H"); })
                    .code(),
                absl::StatusCode::kUnavailable);
    });
    hurried.join();
    return Insert(database, "W");
  });
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_TRUE(
      writer_->Write({.patience = absl::Seconds(20)}, [](Database& d) { return Insert(d, "H"); })
          .ok());
  EXPECT_EQ(Order(), "WH");
}

TEST_F(WriterTest, Stopped_WhileItWaits_Cancelled) {
  const absl::Status written = writer_->Write([&](Database& database) {
    std::thread stopped([&] {
      int asked = 0;
      EXPECT_EQ(
          writer_
              ->Write({.stopped = [&] { return ++asked == 3; }, .patience = absl::Seconds(20)},
                      [](Database& d) { return Insert(d, "S"); })
              .code(),
          absl::StatusCode::kCancelled);
      EXPECT_EQ(asked, 3);
    });
    stopped.join();
    EXPECT_EQ(writer_->waiting(), 0);
    return Insert(database, "W");
  });
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_EQ(Order(), "W");
}

TEST_F(WriterTest, Write_Error_LeavesNothing) {
  EXPECT_EQ(writer_
                ->Write({.stopped = [] { return false; }, .when_idle = true},
                        [](Database& d) {
                          EXPECT_TRUE(Insert(d, "B").ok());
                          return absl::InternalError("no");
                        })
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(Order(), "");
}

}  // namespace
}  // namespace stored::storage::sqlite
