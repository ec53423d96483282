// Garbage collection and limits: what is removed, what is refused for lack of room, and what
// neither may touch.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "stored/v1/admin_service.pb.h"
#include "stored/v1/product_service.pb.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

// See kTokenLimit in busy_server_test.cc.
constexpr absl::Duration kTokenLimit = absl::Milliseconds(500);

// Keeps nothing for longer than necessary, and removes nothing except on request.
const std::vector<std::string> kKeepNothing = {
    "--gc-interval",     "1d", "--keep-consumed",     "0",
    "--keep-unconsumed", "0",  "--keep-unreferenced", "0"};

// Returns the integer that a query on a database file yields, or -1 if the query fails.
int64_t Ask(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  int64_t answer = -1;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(database, 5000);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
    if (sqlite3_step(statement) == SQLITE_ROW) answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
  }
  sqlite3_close(database);
  return answer;
}

class GarbageCollectionTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    WriteFile("a.c", "int main(void) { return 0; }\n");
  }

  template <typename Message>
  Message Json(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-o", "json"});
    const Ended ended = Storectl(std::move(arguments));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    Message message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(ended.out, &message).ok()) << ended.out;
    return message;
  }
  v1::CollectGarbageResponse Gc() { return Json<v1::CollectGarbageResponse>({"gc"}); }
  v1::CollectGarbageResponse DryRun() {
    return Json<v1::CollectGarbageResponse>({"gc", "--dry-run"});
  }
  // Collects garbage and returns the number of removed reports.
  int64_t CollectReports() {
    const v1::CollectGarbageResponse removed = Gc();
    int64_t reports = 0;
    for (const v1::ProductGarbage& garbage : removed.products()) reports += garbage.reports();
    return reports;
  }
  std::vector<std::string> RunNames() {
    std::vector<std::string> names;
    const auto list = Json<v1::ListRunsResponse>({"runs"});
    for (const v1::Run& run : list.runs()) names.push_back(run.name());
    return names;
  }
  // Waits for something that happens when time has passed.
  template <typename Condition>
  bool Await(Condition condition) {
    const absl::Time deadline = absl::Now() + kTestPatience;
    while (!condition()) {
      if (absl::Now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // Stores one report, found in a.c, into the run.
  v1::StoreStatus UploadOne(const std::string& run, const std::vector<std::string>& more = {}) {
    WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
    std::vector<std::string> arguments = {Path("reports"), "--name", run, "--source-root",
                                          Path("")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Upload(arguments);
  }
  // Stores an empty result into the run, so that its reports become resolved.
  void UploadNone(const std::string& run) {
    WriteFile("none.sarif", R"({"version":"2.1.0","runs":[]})");
    Upload({Path("none.sarif"), "--name", run});
  }
  std::string ProductFile() const { return data() + "/products/default.db"; }
  // Checks the databases. REQUIRES: the server has stopped.
  void ExpectWhole() {
    const Ended checked = RunProgram({BinaryPath("stored"), "check", "--data", data()});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    for (const std::string& file : {ProductFile(), data() + "/meta.db"}) {
      EXPECT_EQ(Ask(file,
                    "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = "
                    "'ok'"),
                1)
          << file;
    }
    EXPECT_EQ(Ask(ProductFile(),
                  "SELECT count(*) FROM runs WHERE reports <> (SELECT count(*) FROM reports WHERE "
                  "run_id = runs.id)"),
              0);
    EXPECT_EQ(Ask(ProductFile(),
                  "SELECT count(*) FROM file_versions WHERE sha256 NOT IN (SELECT sha256 FROM "
                  "contents)"),
              0);
  }
};

TEST_F(GarbageCollectionTest, Limits_AreSetShownAndEnforced) {
  StartServer();
  ASSERT_EQ(Storectl({"products", "add", "small", "--max-runs", "1", "--max-bytes-per-store", "2gb",
                      "--history-retention", "90d"})
                .exit_code,
            0);
  const auto set = Json<v1::Product>({"products", "set", "small", "--max-reports-per-store", "1",
                                      "--resolved-report-retention", "12h"});
  EXPECT_EQ(set.settings().max_runs(), 1);
  EXPECT_EQ(set.settings().max_bytes_per_store(), int64_t{2} << 30);
  EXPECT_EQ(set.settings().max_reports_per_store(), 1);
  EXPECT_EQ(set.settings().history_retention().seconds(), 90 * 24 * 3600);
  EXPECT_EQ(set.settings().resolved_report_retention().seconds(), 12 * 3600);
  const Ended table = Storectl({"products"});
  EXPECT_NE(table.out.find("1 runs, 1 reports a store, 2.1 GB an upload"), std::string::npos)
      << table.out;
  EXPECT_NE(table.out.find("resolved 12h, history 90d"), std::string::npos) << table.out;

  UploadOne("first", {"--product", "small"});
  const Ended second =
      Storectl({"upload", Path("reports"), "--name", "second", "--product", "small"});
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_NE(second.err.find("storectl products set small --max-runs"), std::string::npos)
      << second.err;
  WriteFile("reports/b.plist", SmallPlist(Path("a.c"), "another", std::string(32, '7')));
  const Ended many = Storectl({"upload", Path("reports"), "--name", "first", "--product", "small"});
  EXPECT_EQ(many.exit_code, 1);
  EXPECT_NE(many.err.find("--max-reports-per-store"), std::string::npos) << many.err;

  ASSERT_EQ(Storectl({"products", "set", "small", "--max-bytes-per-store", "10"}).exit_code, 0);
  const Ended large = Storectl({"upload", Path("a.c"), "--name", "first", "--product", "small"});
  EXPECT_NE(large.exit_code, 0);
  const Ended big = Storectl({"upload", Path("reports"), "--name", "first", "--product", "small"});
  EXPECT_EQ(big.exit_code, 3);
  EXPECT_NE(big.err.find("--max-bytes-per-store"), std::string::npos) << big.err;
  EXPECT_EQ(Storectl({"products", "set", "small", "--max-runs", "many"}).exit_code, 2);
  EXPECT_EQ(Storectl({"products", "set", "small", "--history-retention", "soon"}).exit_code, 2);
  EXPECT_EQ(Storectl({"products", "set", "small"}).exit_code, 2);
  EXPECT_EQ(Storectl({"products", "set", "nowhere", "--max-runs", "1"}).exit_code, 3);
}

TEST_F(GarbageCollectionTest, Runs_ExpireAndAreProlongedAndRemoved) {
  StartServer({"--gc-interval", "1d"});
  UploadOne("short", {"--expire-after", "1s"});
  UploadOne("kept", {"--expire-after", "1s"});
  UploadOne("plain");
  EXPECT_EQ(Storectl({"upload", Path("reports"), "--name", "r", "--expire-after", "1ms"}).exit_code,
            2);
  const auto set = Json<v1::Run>({"runs", "set", "kept", "--expire-after", "30d"});
  EXPECT_EQ(set.expire_after().seconds(), 30 * 24 * 3600);
  EXPECT_EQ(set.expires_at().seconds() - set.stored_at().seconds(), 30 * 24 * 3600);
  const Ended table = Storectl({"runs"});
  EXPECT_NE(table.out.find("EXPIRES"), std::string::npos) << table.out;

  EXPECT_TRUE(Await([this] { return DryRun().products_size() > 0; }));
  EXPECT_EQ(RunNames(), (std::vector<std::string>{"kept", "plain", "short"}));
  const v1::CollectGarbageResponse removed = Gc();
  ASSERT_EQ(removed.products_size(), 1);
  EXPECT_EQ(removed.products(0).expired_runs(0), "short");
  EXPECT_EQ(removed.products(0).reports(), 1);
  EXPECT_EQ(RunNames(), (std::vector<std::string>{"kept", "plain"}));
  EXPECT_FALSE(Json<v1::Run>({"runs", "set", "kept", "--expire-after", "never"}).has_expires_at());

  EXPECT_EQ(Storectl({"runs", "rm", "plain"}).exit_code, 0);
  EXPECT_EQ(RunNames(), std::vector<std::string>{"kept"});
  EXPECT_EQ(Storectl({"runs", "rm", "plain"}).exit_code, 3);
  EXPECT_EQ(Storectl({"reports", "plain"}).exit_code, 3);
  EXPECT_EQ(UploadOne("plain").result().new_reports(), 1);
}

TEST_F(GarbageCollectionTest, Gc_RemovesExactlyWhatADryRunReports) {
  std::vector<std::string> arguments = kKeepNothing;
  arguments.insert(arguments.end(), {"--upload-expiry", "0"});
  StartServer(arguments);
  WriteFile("gone/c.c", "int c;\n");
  WriteFile("gone/c.plist", SmallPlist(Path("gone/c.c"), "in c", std::string(32, 'c')));
  Upload({Path("gone"), "--name", "going"});
  UploadOne("resolved");
  UploadNone("resolved");
  UploadNone("resolved");
  WriteFile("other/b.c", "int b;\n");
  WriteFile("other/b.plist", SmallPlist(Path("other/b.c"), "in b", std::string(32, 'b')));
  Upload({Path("other"), "--name", "staying"});
  const std::vector<std::string> staying = Rows("staying");
  // No client resumes this upload.
  WriteFile("data/spool/given-up.part", "12345");
  ASSERT_EQ(Storectl({"runs", "rm", "going"}).exit_code, 0);
  ASSERT_EQ(Storectl({"products", "set", "default", "--resolved-report-retention", "1s",
                      "--history-retention", "1s"})
                .exit_code,
            0);
  // Garbage is, of "going", its report and store; of "resolved", its report and, once no report
  // refers to them, all stores but the newest.
  ASSERT_TRUE(Await([this] {
    const v1::CollectGarbageResponse there = DryRun();
    return there.products_size() == 1 && there.products(0).reports() == 2 &&
           there.products(0).history_entries() == 3;
  })) << DryRun().DebugString();
  const v1::CollectGarbageResponse told = DryRun();
  const v1::CollectGarbageResponse removed = Gc();
  EXPECT_EQ(told.DebugString(), removed.DebugString());
  EXPECT_EQ(removed.consumed_stores() + removed.unconsumed_stores(), 5);
  EXPECT_EQ(removed.expired_uploads(), 1);
  EXPECT_EQ(removed.expired_upload_bytes(), 5);
  EXPECT_NE(server().WaitForLine("garbage collection: removed 5 stores, 1 uploads (5 bytes); of "
                                 "product default: 0 runs, 2 reports, 3 history entries"),
            "");
  // No file version mentions c.c any more, and an earlier collection has noted that.
  const v1::CollectGarbageResponse later = Gc();
  ASSERT_EQ(later.products_size(), 1);
  EXPECT_EQ(later.products(0).contents(), 1);
  EXPECT_EQ(DryRun().ByteSizeLong(), 0U);
  const Ended nothing = Storectl({"gc", "--dry-run"});
  EXPECT_EQ(nothing.exit_code, 0);
  EXPECT_NE(nothing.err.find("nothing to remove"), std::string::npos) << nothing.err;

  EXPECT_EQ(Rows("staying"), staying);
  EXPECT_EQ(Reports("resolved").size(), 0U);
  const Ended again = Storectl({"upload", Path("other"), "--name", "staying"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.err.find("the server has 1 of 1 source"), std::string::npos) << again.err;
  StopServer();
  ExpectWhole();
}

TEST_F(GarbageCollectionTest, Gc_TokenOfARemovedStore_IsNotFound_ItsUploadIdIsFree) {
  StartServer(kKeepNothing);
  const std::string token = UploadOne("r", {"--upload-id", "upload-id-1"}).token();
  EXPECT_EQ(UploadOne("r", {"--upload-id", "upload-id-1"}).token(), token);
  EXPECT_EQ(Storectl({"status", token}).exit_code, 0);
  Gc();
  EXPECT_EQ(Storectl({"status", token}).exit_code, 3);
  const v1::StoreStatus again = UploadOne("r", {"--upload-id", "upload-id-1"});
  EXPECT_NE(again.token(), token);
  EXPECT_EQ(again.result().unresolved_reports(), 1);
}

TEST_F(GarbageCollectionTest, Server_CollectsGarbageByItself) {
  StartServer({"--gc-interval", "1s", "--keep-consumed", "0", "--keep-unconsumed", "0"});
  const std::string token = UploadOne("r").token();
  EXPECT_NE(server().WaitForLine("garbage collection: removed 1 stores"), "");
  EXPECT_EQ(Storectl({"status", token}).exit_code, 3);
  EXPECT_EQ(Reports("r").size(), 1U);
}

// Removes a large run with one collection after another, while an ingest runs and uploads arrive.
TEST_F(GarbageCollectionTest, Gc_WhileAnIngestRuns_DelaysNoCall) {
  StartServer(kKeepNothing);
  WriteFile("large.sarif", LargeSarif(60'000));
  Upload({Path("large.sarif"), "--name", "removed"});
  UploadOne("staying");
  const std::vector<std::string> staying = Rows("staying");
  ASSERT_EQ(Storectl({"runs", "rm", "removed"}).exit_code, 0);

  std::atomic<int64_t> collected = 0;
  std::jthread collector([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) collected += CollectReports();
  });
  const std::string large =
      Json<v1::StoreStatus>({"upload", Path("large.sarif"), "--name", "large", "--no-block"})
          .token();
  const auto stub =
      v1::StoreService::NewStub(grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
  const auto state = [&](const std::string& token) {
    grpc::ClientContext context;
    v1::GetStatusRequest request;
    request.set_token(token);
    v1::StoreStatus status;
    // The store's session may be removed as soon as it has ended.
    const grpc::Status asked = stub->GetStatus(&context, request, &status);
    return asked.ok() ? status.state() : v1::STORE_STATE_COMPLETED;
  };
  std::vector<absl::Duration> times;
  const absl::Time begin = absl::Now();
  while (state(large) == v1::STORE_STATE_ENQUEUED || state(large) == v1::STORE_STATE_RUNNING) {
    const std::string payload = SmallSarif("a.c");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kTestPatience));
    v1::UploadResponse response;
    const auto writer = stub->Upload(&context, &response);
    writer->Write(UploadHeader(fmt::format("small {}", times.size())));
    writer->Write(UploadChunk(0, payload));
    const absl::Time sent = absl::Now();
    writer->Write(UploadTrailer(payload));
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    ASSERT_TRUE(status.ok()) << status.error_message();
    times.push_back(absl::Now() - sent);
  }
  const absl::Duration ingest = absl::Now() - begin;
  collector.request_stop();
  collector.join();
  ASSERT_FALSE(times.empty()) << "the ingest ended too soon to show anything";
  EXPECT_TRUE(Await([this] {
    return Ask(data() + "/meta.db", "SELECT count(*) FROM stores WHERE state IN (2, 3)") == 0;
  }));
  collected += CollectReports();
  EXPECT_EQ(collected, 60'000);

  std::sort(times.begin(), times.end());
  fmt::print(
      "token after the last byte, {} uploads while collections and an ingest ran: median "
      "{:.1f} ms, worst {:.1f} ms\n",
      times.size(), absl::ToDoubleMilliseconds(times[times.size() / 2]),
      absl::ToDoubleMilliseconds(times.back()));
  // On a slow machine the ingest is slow as well, so the limit grows with it.
  EXPECT_LT(times[times.size() / 2], std::max(kTokenLimit, ingest / 4));
  EXPECT_EQ(Reports("large").size(), 60'000U);
  EXPECT_EQ(Rows("staying"), staying);
  EXPECT_EQ(RunNames().size(), times.size() + 2);
  EXPECT_EQ(Ask(data() + "/meta.db", "SELECT count(*) FROM stores WHERE state = 5"), 0);
  StopServer();
  ExpectWhole();
}

TEST_F(GarbageCollectionTest, Killed_DuringGarbageCollection_TheNextOneContinues) {
  StartServer(kKeepNothing);
  WriteFile("large.sarif", LargeSarif(30'000));
  Upload({Path("large.sarif"), "--name", "removed"});
  UploadOne("staying");
  const std::vector<std::string> staying = Rows("staying");
  ASSERT_EQ(Storectl({"runs", "rm", "removed"}).exit_code, 0);
  const auto reports = [this] { return Ask(ProductFile(), "SELECT count(*) FROM reports"); };
  ASSERT_EQ(reports(), 30'001);
  {
    Child gc({BinaryPath("storectl"), "--server", address(), "gc"}, Path("gc.log"));
    ASSERT_TRUE(Await([&] { return reports() < 30'001; }));
    server().Stop(SIGKILL);
  }
  const int64_t left = reports();
  EXPECT_GT(left, 1) << "garbage collection ended too soon to show anything";
  ExpectWhole();

  StartServer(kKeepNothing);
  EXPECT_EQ(Rows("staying"), staying);
  const v1::CollectGarbageResponse removed = Gc();
  ASSERT_EQ(removed.products_size(), 1);
  EXPECT_EQ(removed.products(0).reports(), left - 1);
  EXPECT_EQ(reports(), 1);
  EXPECT_EQ(Rows("staying"), staying);
  StopServer();
  ExpectWhole();
  EXPECT_EQ(Ask(ProductFile(),
                "SELECT count(*) FROM file_versions WHERE run_id NOT IN (SELECT id FROM runs)"),
            0);
}

// A stop does not wait until a collection is complete.
TEST_F(GarbageCollectionTest, Stopped_DuringGarbageCollection_StopsAtOnce) {
  StartServer(kKeepNothing);
  WriteFile("large.sarif", LargeSarif(30'000));
  Upload({Path("large.sarif"), "--name", "removed"});
  ASSERT_EQ(Storectl({"runs", "rm", "removed"}).exit_code, 0);
  const auto reports = [this] { return Ask(ProductFile(), "SELECT count(*) FROM reports"); };
  {
    Child gc({BinaryPath("storectl"), "--server", address(), "gc"}, Path("gc.log"));
    ASSERT_TRUE(Await([&] { return reports() < 30'000; }));
    StopServer();
  }
  EXPECT_GT(reports(), 0) << "garbage collection ended too soon to show anything";
  ExpectWhole();
}

}  // namespace
}  // namespace stored::tests
