// Damaged data directories, as incomplete restores, full disks and other programs leave them: the
// backend does not open, names the file in its error and changes nothing, and a check finds the
// problem. The files that a crash of the server leaves are not damage.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "base/sha256.h"
#include "reports/testing/zstd.h"
#include "storage/conformance/conformance.h"
#include "storage/sqlite/check/directory_check.h"
#include "storage/sqlite/connection/database.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::storage::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int kCacheKib = 1 << 10;
constexpr char kPayload[] = "a payload that waits";

class DamageTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "damage-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    Fill();
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  std::string Product() const { return Path("products/default.db"); }
  std::string Meta() const { return Path("meta.db"); }

  absl::StatusOr<std::unique_ptr<Backend>> Open() {
    return OpenSqliteBackend(directory_->path(), At(0));
  }

  // Creates a run with reports and a source, another product, and an ENQUEUED store.
  void Fill() {
    const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    ASSERT_TRUE(backend.ok()) << backend.status();
    ASSERT_TRUE((*backend)->CreateProduct("other", {}, At(0)).ok());
    ReportList list = MakeReports(2000);
    AddSource(list, "b.c", "int b;");
    list.contents.back().zstd = reports::Zstd("int b;");
    IngestRequest request;
    request.token = "t";
    request.run_name = "run";
    request.stored_at = At(1);
    RecordingObserver observer;
    ASSERT_TRUE((*(*backend)->Results(kDefaultProduct))->Ingest(request, list, observer).ok());
    fs::create_directory(Path("spool"));
    Write(Path("spool/waits.payload"), kPayload);
    StoreRequest waiting;
    waiting.product = kDefaultProduct;
    waiting.run_name = "run";
    ASSERT_TRUE((*backend)
                    ->queue()
                    .Enqueue(waiting,
                             {"waits.payload", sizeof(kPayload) - 1,
                              std::string(Sha256::Of(kPayload).Raw())},
                             {}, At(0))
                    .ok());
  }

  static void Write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static void Alter(const std::string& path, const std::string& script) {
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(path, Database::Mode::kCreate, kCacheKib);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status = (*database)->Execute(script);
    ASSERT_TRUE(status.ok()) << status;
  }
  static void Scribble(const std::string& path, uint64_t offset, const std::string& bytes) {
    const absl::StatusOr<UniqueFd> fd = OpenFile(path, O_WRONLY);
    ASSERT_TRUE(fd.ok()) << fd.status();
    ASSERT_TRUE(WriteAt(fd->get(), bytes, offset, path).ok());
  }

  // Returns the files of the directory with their contents, except shared memory, locks and empty
  // logs.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_->path())) {
      const std::string name = entry.path().string();
      if (name.ends_with("-shm") || name.ends_with("/lock")) continue;
      if (name.ends_with("-wal") && entry.is_regular_file() && entry.file_size() == 0) continue;
      const absl::StatusOr<std::string> content = ReadFile(name, 1 << 30);
      files[name] = content.ok() ? *content : content.status().ToString();
    }
    return files;
  }

  // Returns the result of a check for the file. Fails the test if the check skips the file.
  CheckedFile Check(const std::string& path) {
    CheckedFile result = {"", "", {"not checked"}};
    const absl::Status checked = CheckDirectory(directory_->path(), [&](const CheckedFile& file) {
      if (file.path == path) result = file;
    });
    EXPECT_TRUE(checked.ok()) << checked;
    EXPECT_EQ(result.path, path);
    return result;
  }
  bool NothingIsDamaged() {
    bool undamaged = true;
    const absl::Status checked = CheckDirectory(directory_->path(), [&](const CheckedFile& file) {
      for (const std::string& problem : file.problems) {
        fmt::print("{}: {}\n", file.path, problem);
        undamaged = false;
      }
    });
    EXPECT_TRUE(checked.ok()) << checked;
    return undamaged && checked.ok();
  }

  // Expects that the backend does not open, with an error of one line that contains `path` and
  // `words`, that a check finds a problem, and that the file does not change.
  void ExpectDamage(const std::string& path, const std::string& words) {
    SCOPED_TRACE(path + ": " + words);
    const std::map<std::string, std::string> before = Files();
    const absl::Status status = Open().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_NE(status.message().find(path), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find(words), absl::string_view::npos) << status;
    EXPECT_EQ(status.message().find('\n'), absl::string_view::npos) << status;
    EXPECT_NE(status.message().find("backup"), absl::string_view::npos) << status;
    EXPECT_FALSE(Check(path).problems.empty());
    // Other databases were opened, which copies their log into them.
    const std::map<std::string, std::string> after = Files();
    EXPECT_EQ(before.size(), after.size());
    for (const std::string& name : {path, path + "-wal"}) {
      EXPECT_EQ(before.contains(name), after.contains(name)) << name;
      if (before.contains(name) && after.contains(name)) {
        EXPECT_TRUE(before.at(name) == after.at(name)) << name << " was changed";
      }
    }
  }

  // Replaces each database in turn with the file that `make` creates, and expects damage.
  void ExpectDamageInEach(const std::function<void(const std::string&)>& make,
                          const std::string& words) {
    for (const std::string& path : {Product(), Meta(), Path("products/other.db")}) {
      fs::rename(path, Path("away"));
      make(path);
      ExpectDamage(path, words);
      fs::remove_all(path);
      fs::rename(Path("away"), path);
    }
    EXPECT_TRUE(Open().ok());
  }

  std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(DamageTest, Undamaged_OpensWithoutWarnings) {
  EXPECT_TRUE(NothingIsDamaged());
  EXPECT_TRUE(Check(Product()).content.ends_with(", 1 runs, 2000 reports, 1 sources"))
      << Check(Product()).content;
  const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
  ASSERT_TRUE(backend.ok()) << backend.status();
  EXPECT_TRUE((*backend)->start_warnings().empty());
}

TEST_F(DamageTest, Check_ChangesNothing) {
  const auto names = [this] {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory_->path())) {
      found.insert(entry.path().string());
    }
    return found;
  };
  const std::set<std::string> names_before = names();
  const std::map<std::string, std::string> before = Files();
  EXPECT_TRUE(NothingIsDamaged());
  EXPECT_TRUE(Files() == before);
  EXPECT_EQ(names(), names_before);
}

TEST_F(DamageTest, EmptyFile) {
  ExpectDamageInEach([](const std::string& path) { Write(path, ""); }, "empty (0 bytes)");
}

TEST_F(DamageTest, Missing) {
  ExpectDamageInEach([](const std::string&) {}, "missing");
}

TEST_F(DamageTest, DanglingLink) {
  ExpectDamageInEach(
      [this](const std::string& path) { fs::create_symlink(Path("not-mounted/x.db"), path); },
      "symbolic link");
}

TEST_F(DamageTest, Directory) {
  ExpectDamageInEach([](const std::string& path) { fs::create_directory(path); }, "directory");
}

TEST_F(DamageTest, Pipe) {
  ExpectDamageInEach([](const std::string& path) { ::mkfifo(path.c_str(), 0600); },
                     "not a regular file");
}

TEST_F(DamageTest, TextFile) {
  ExpectDamageInEach([](const std::string& path) { Write(path, "moved to the new server\n"); },
                     "not a SQLite database");
}

TEST_F(DamageTest, Zeros) {
  ExpectDamageInEach([](const std::string& path) { Write(path, std::string(65536, '\0')); },
                     "not a SQLite database");
}

TEST_F(DamageTest, AnotherProgramsDatabase) {
  ExpectDamageInEach(
      [](const std::string& path) { Alter(path, "CREATE TABLE cookies (host TEXT)"); },
      "another program's");
}

// A database without a transaction: a crash of the server never leaves one under this name.
TEST_F(DamageTest, DatabaseWithoutTables) {
  ExpectDamageInEach([](const std::string& path) { Alter(path, "PRAGMA journal_mode = WAL"); },
                     "no tables");
}

TEST_F(DamageTest, Truncated_AtAnyLength) {
  for (const std::string& path : {Product(), Meta()}) {
    const uint64_t size = fs::file_size(path);
    for (const uint64_t left : {uint64_t{1}, uint64_t{16}, uint64_t{100}, uint64_t{512},
                                uint64_t{4096}, size / 2, size - 4096}) {
      fs::copy_file(path, Path("away"), fs::copy_options::overwrite_existing);
      fs::resize_file(path, left);
      ExpectDamage(path, "damaged");
      fs::rename(Path("away"), path);
    }
  }
  EXPECT_TRUE(Open().ok());
}

// The database is small enough that a start checks all of it.
TEST_F(DamageTest, PagesOverwritten) {
  const uint64_t size = fs::file_size(Product());
  Scribble(Product(), 40960, std::string(size - 40960, '\xa5'));
  ExpectDamage(Product(), "damaged");
}

TEST_F(DamageTest, LogOfAnotherDatabase) {
  const auto with_log = [this](const std::string& bytes, const std::string& words) {
    Write(Product() + "-wal", bytes);
    ExpectDamage(Product(), words);
    fs::remove(Product() + "-wal");
  };
  with_log("a note about this database, longer than a header", "not a log of SQLite's");
  // A log with another page size.
  std::string header("\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x02\x00", 12);
  header.resize(32, '\x11');
  with_log(header, "belongs to another file");
  // A loss of power may leave a log of zeros, which is not damage.
  Write(Product() + "-wal", std::string(8192, '\0'));
  EXPECT_TRUE(Open().ok());
}

// A valid log, but that of the queue.
TEST_F(DamageTest, LogOfTheQueue_BesideAProduct) {
  std::string log;
  {
    const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    ASSERT_TRUE(backend.ok()) << backend.status();
    ASSERT_TRUE((*backend)->CreateProduct("more", {}, At(0)).ok());
    log = *ReadFile(Meta() + "-wal", 1 << 30);
    ASSERT_GT(log.size(), 4096U);
  }
  Write(Product() + "-wal", log);
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(DamageTest, QueueMissing_ProductsExist_CreatesNothing) {
  fs::remove(Meta());
  for (int start = 0; start < 2; ++start) {
    ExpectDamage(Meta(), "missing");
    EXPECT_FALSE(fs::exists(Meta()));
  }
  // The same if only other products, or only payloads, are left.
  fs::remove(Product());
  ExpectDamage(Meta(), "other.db");
  fs::remove_all(Path("products"));
  ExpectDamage(Meta(), "waits.payload");
  fs::remove_all(Path("spool"));
  EXPECT_TRUE(Open().ok());
}

TEST_F(DamageTest, DatabaseOfNoProduct_IsWarnedOf_AndLeftAlone) {
  fs::copy_file(Path("products/other.db"), Path("products/stray.db"));
  const std::string before = *ReadFile(Path("products/stray.db"), 1 << 30);
  {
    const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    ASSERT_TRUE(backend.ok()) << backend.status();
    ASSERT_EQ((*backend)->start_warnings().size(), 1U);
    EXPECT_NE((*backend)->start_warnings()[0].find("stray.db"), std::string::npos);
    EXPECT_EQ((*backend)->ListProducts()->size(), 2U);
    EXPECT_FALSE((*backend)->CreateProduct("stray", {}, At(0)).ok());
  }
  EXPECT_EQ(*ReadFile(Path("products/stray.db"), 1 << 30), before);
  EXPECT_EQ(Check(Path("products/stray.db")).problems,
            std::vector<std::string>{"it belongs to no product"});
}

// A crash while meta.db was created leaves only files with another name.
TEST_F(DamageTest, UnfinishedQueue_IsCreatedAgain) {
  fs::remove_all(directory_->path());
  fs::create_directory(directory_->path());
  for (const std::string& bytes : {std::string(), std::string(4096, '\0')}) {
    Write(Path("meta.db.new"), bytes);
    Write(Path("meta.db.new-wal"), bytes);
    {
      const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
      ASSERT_TRUE(backend.ok()) << backend.status();
      EXPECT_EQ((*backend)->ListProducts()->size(), 1U);
    }
    EXPECT_TRUE(NothingIsDamaged());
    EXPECT_FALSE(fs::exists(Path("meta.db.new")));
    EXPECT_FALSE(fs::exists(Path("meta.db.new-wal")));
    fs::remove_all(directory_->path());
    fs::create_directory(directory_->path());
  }
}

// After a crash while a product was created, its row says so, whatever its file contains.
TEST_F(DamageTest, UnfinishedProduct_IsRemoved) {
  for (const std::string& bytes : {std::string(), std::string("SQLite format 3")}) {
    Alter(Meta(),
          "INSERT INTO products (name, created_at, state) VALUES ('coming', 1700000000000000, 0)");
    Write(Path("products/coming.db"), bytes);
    const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    ASSERT_TRUE(backend.ok()) << backend.status();
    EXPECT_FALSE(fs::exists(Path("products/coming.db")));
  }
}

// Problems that a check finds, but not a start.
TEST_F(DamageTest, Check_InconsistentRows) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"UPDATE runs SET reports = reports + 1", "as many reports"},
      {"UPDATE runs SET open_reports = 7", "open reports"},
      {"UPDATE runs SET latest_history_id = 77", "newest store"},
      {"DELETE FROM files", "file is missing"},
      {"DELETE FROM checkers", "checker is missing"},
      {"DELETE FROM runs", "of no run"},
      {"UPDATE reports SET opened_by = 99 WHERE id = 3", "missing from the run's history"},
      {"UPDATE reports SET bug_path = x'ffffffffff' WHERE id = 3", "damaged"},
      {"UPDATE contents SET zstd = x'00'", "digest"},
      {"UPDATE contents SET sha256 = zeroblob(32)", "digest"},
  };
  const std::string whole = *ReadFile(Product(), 1 << 30);
  for (const auto& [change, words] : changes) {
    SCOPED_TRACE(change);
    Write(Product(), whole);
    Alter(Product(), change);
    EXPECT_THAT(Check(Product()).problems, testing::Contains(testing::HasSubstr(words)));
  }
  Write(Product(), whole);
  EXPECT_TRUE(NothingIsDamaged());
}

TEST_F(DamageTest, Check_PayloadsOfUnfinishedStores) {
  const std::string path = Path("spool/waits.payload");
  const auto problem = [&] {
    const CheckedFile spool = Check(Path("spool"));
    return spool.problems.empty() ? "" : spool.problems[0];
  };
  EXPECT_EQ(problem(), "");
  Write(path, "a payload that wai");
  EXPECT_NE(problem().find("digest"), std::string::npos) << problem();
  Write(path, "");
  EXPECT_NE(problem().find("digest"), std::string::npos) << problem();
  fs::remove(path);
  EXPECT_NE(problem().find("is missing"), std::string::npos) << problem();
  // As in a backup that was made while the store was RUNNING: its results are there, its payload
  // not.
  Alter(Product(), "INSERT INTO ingested SELECT 'x', history_id, result FROM ingested");
  Alter(Meta(), "UPDATE stores SET token = 'x'");
  EXPECT_EQ(problem(), "");
}

TEST_F(DamageTest, Check_NoDataDirectory_OrAServerHasIt_Refused) {
  const auto nothing = [](const CheckedFile&) {};
  EXPECT_EQ(CheckDirectory(Path("not-there"), nothing).code(), absl::StatusCode::kInvalidArgument);
  fs::create_directory(Path("empty"));
  EXPECT_EQ(CheckDirectory(Path("empty"), nothing).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(fs::is_empty(Path("empty")));
  EXPECT_EQ(CheckDirectory(Meta(), nothing).code(), absl::StatusCode::kInvalidArgument);
  const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
  ASSERT_TRUE(backend.ok()) << backend.status();
  EXPECT_EQ(CheckDirectory(directory_->path(), nothing).code(), absl::StatusCode::kUnavailable);
}

// A check includes what is committed in the log but not yet copied into the database.
TEST_F(DamageTest, Check_AfterACrash_SeesTheLog) {
  absl::StatusOr<TemporaryDirectory> copy = TemporaryDirectory::Create("", "damage-killed-");
  ASSERT_TRUE(copy.ok()) << copy.status();
  {
    const absl::StatusOr<std::unique_ptr<Backend>> backend = Open();
    ASSERT_TRUE(backend.ok()) << backend.status();
    ReportList list = MakeReports(10);
    IngestRequest request;
    request.token = "u";
    request.run_name = "second";
    request.stored_at = At(2);
    RecordingObserver observer;
    ASSERT_TRUE((*(*backend)->Results(kDefaultProduct))->Ingest(request, list, observer).ok());
    fs::copy(directory_->path(), copy->path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  directory_ = std::make_unique<TemporaryDirectory>(*std::move(copy));
  EXPECT_TRUE(Check(Product()).content.ends_with(", 2 runs, 2010 reports, 1 sources"))
      << Check(Product()).content;
  EXPECT_TRUE(NothingIsDamaged());
}

}  // namespace
}  // namespace stored::storage::sqlite
