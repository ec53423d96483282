#include "tests/power/ledger.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "storage/sqlite/connection/database.h"
#include "storage/state_name.h"

namespace stored {

using storage::StoreErrorCode;
using storage::StoreResult;
using storage::StoreSession;
using storage::StoreState;

namespace {

constexpr auto kLongestWait = std::chrono::minutes(2);
constexpr int kBugs = 8;
constexpr uint64_t kMaxPayloadBytes = 1 << 20;

std::string CheckerOf(int bug) { return fmt::format("checker-{}", bug); }

// Returns a SARIF log with one result for each bit.
std::string PayloadOf(unsigned bugs) {
  std::string results;
  for (int bug = 0; bug < kBugs; ++bug) {
    if ((bugs >> bug & 1U) == 0) continue;
    results += fmt::format(
        R"({}{{"ruleId":"{}","message":{{"text":"bug {}"}},"locations":[{{"physicalLocation":)"
        R"({{"artifactLocation":{{"uri":"a.c"}},"region":{{"startLine":{}}}}}}}]}})",
        results.empty() ? "" : ",", CheckerOf(bug), bug, bug + 1);
  }
  return fmt::format(
      R"({{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"t"}}}},"results":[{}]}}]}})",
      results);
}

class EndWatcher final : public engine::StatusWatcher {
 public:
  explicit EndWatcher(Bell& bell) : bell_(bell) {}

  void OnStatus(const std::shared_ptr<const engine::LiveStatus>& status) override {
    if (storage::IsFinal(status->session.state)) bell_.Ring();
  }
  void OnClosed() override {}

 private:
  Bell& bell_;
};

// Returns the parts of a result that show whether stores were applied once each, and in order.
std::string Summary(const StoreResult& result) {
  return fmt::format("{} reports: {} new, {} unresolved, {} reopened, {} resolved", result.reports,
                     result.new_reports, result.unresolved_reports, result.reopened_reports,
                     result.resolved_reports);
}

}  // namespace

void Bell::Ring() {
  const MutexLock lock(mutex_);
  ++rung_;
  changed_.NotifyAll();
}

int64_t Bell::rung() const {
  const MutexLock lock(mutex_);
  return rung_;
}

bool Bell::WaitFor(int64_t more_than) const {
  const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
  MutexLock lock(mutex_);
  while (rung_ <= more_than) {
    if (changed_.WaitUntil(lock, deadline) == std::cv_status::timeout) return rung_ > more_than;
  }
  return true;
}

int Ledger::CreateProduct(const std::string& name) {
  const int product = static_cast<int>(products_.size());
  products_.push_back({name});
  steps_.push_back({Step::Kind::kCreate, product});
  return product;
}

void Ledger::DeleteProduct(int product) { steps_.push_back({Step::Kind::kDelete, product}); }

int Ledger::Upload(int product, const std::string& run, unsigned bugs, bool broken) {
  const int upload = static_cast<int>(sent_.size());
  Sent sent;
  sent.request.upload_id = fmt::format("upload-{}", upload);
  sent.request.product = products_[static_cast<size_t>(product)].name;
  sent.request.run_name = run;
  sent.request.format = storage::PayloadFormat::kSarif;
  sent.product = product;
  sent.bugs = bugs;
  sent.broken = broken;
  sent_.push_back(std::move(sent));
  steps_.push_back({Step::Kind::kUpload, upload});
  return upload;
}

void Ledger::Cancel(int upload) { steps_.push_back({Step::Kind::kCancel, upload}); }

void Ledger::Work() { steps_.push_back({Step::Kind::kWork}); }

absl::Status Ledger::Run(BareServer& server) {
  STORED_RETURN_IF_ERROR(SendAgain(server));
  for (Step& step : steps_) {
    if (step.done) continue;
    STORED_RETURN_IF_ERROR(Take(server, step));
    step.done = true;
  }
  return absl::OkStatus();
}

absl::Status Ledger::SendAgain(BareServer& server) {
  for (Step& step : steps_) {
    if (!step.done && step.kind != Step::Kind::kUpload) break;
    if (step.kind != Step::Kind::kUpload) continue;
    // An upload into a product that may be gone fails, whether the upload is known or not.
    Sent& sent = sent_[static_cast<size_t>(step.object)];
    if (step.done && products_[static_cast<size_t>(sent.product)].delete_tried) continue;
    STORED_RETURN_IF_ERROR(Send(server, sent));
    if (!std::exchange(step.done, true)) break;
  }
  return absl::OkStatus();
}

absl::Status Ledger::Take(BareServer& server, Step& step) {
  const auto object = static_cast<size_t>(step.object);
  switch (step.kind) {
    case Step::Kind::kUpload:
      return Send(server, sent_[object]);
    case Step::Kind::kCancel:
      return Cancel(server, sent_[object]);
    case Step::Kind::kDelete:
      return Delete(server, products_[object]);
    case Step::Kind::kWork:
      return AwaitEnds(server);
    case Step::Kind::kCreate:
      break;
  }
  Product& product = products_[object];
  // An earlier attempt may have succeeded without a response.
  const bool again = std::exchange(product.create_tried, true);
  absl::Status created = server.products().Create(product.name, {}).status();
  if (!created.ok() && !(again && absl::IsAlreadyExists(created))) return created;
  product.created = true;
  return absl::OkStatus();
}

absl::Status Ledger::Send(BareServer& server, Sent& sent) {
  sent.tried = true;
  const absl::StatusOr<StoreSession> session =
      server.Upload(sent.request, PayloadOf(sent.bugs), sent.broken && sent.token.empty());
  STORED_RETURN_IF_ERROR(session.status());
  if (sent.token.empty()) sent.token = session->token;
  EXPECT_EQ(session->token, sent.token) << sent.request.upload_id << " got another token";
  return absl::OkStatus();
}

absl::Status Ledger::Delete(BareServer& server, Product& product) {
  const bool again = std::exchange(product.delete_tried, true);
  while (true) {
    absl::Status status = server.products().Delete(product.name);
    if (absl::IsFailedPrecondition(status)) {  // A store into it is running.
      STORED_RETURN_IF_ERROR(AwaitEnds(server));
      continue;
    }
    if (!status.ok() && !(again && absl::IsNotFound(status))) return status;
    product.deleted = true;
    return absl::OkStatus();
  }
}

absl::Status Ledger::Cancel(BareServer& server, Sent& sent) {
  sent.cancel_tried = true;
  const absl::StatusOr<engine::LiveStatus> status = server.stores().Cancel(sent.token);
  if (absl::IsFailedPrecondition(status.status())) return absl::OkStatus();  // It has ended.
  STORED_RETURN_IF_ERROR(status.status());
  if (storage::IsFinal(status->session.state)) sent.ended = status->session;
  return absl::OkStatus();
}

absl::Status Ledger::AwaitEnds(BareServer& server) {
  STORED_ASSIGN_OR_RETURN(const bool started, server.StartWorkers());
  for (const Sent& sent : sent_) {
    if (sent.token.empty()) continue;
    const auto watcher = std::make_shared<EndWatcher>(bell_);
    server.hub().AddWatcher(sent.token, watcher);
  }
  absl::Status noted;
  while (true) {
    const int64_t rung = bell_.rung();
    noted = NoteEnds(server);
    if (!absl::IsNotFound(noted)) break;
    if (bell_.WaitFor(rung)) continue;
    ADD_FAILURE() << "a store does not end: " << noted;
    break;
  }
  if (started) server.StopWorkers();
  return noted;
}

// Returns NOT_FOUND while a store has not ended.
absl::Status Ledger::NoteEnds(BareServer& server) {
  for (Sent& sent : sent_) {
    if (sent.token.empty() || sent.ended.has_value()) continue;
    STORED_ASSIGN_OR_RETURN(StoreSession session, server.queue().Get(sent.token));
    if (!storage::IsFinal(session.state)) return absl::NotFoundError(sent.request.upload_id);
    sent.ended = std::move(session);
  }
  return absl::OkStatus();
}

StoreResult Ledger::ExpectedRun::Apply(unsigned bugs) {
  StoreResult result;
  result.new_reports = std::popcount(bugs & ~open & ~closed);
  result.unresolved_reports = std::popcount(bugs & open);
  result.reopened_reports = std::popcount(bugs & closed);
  result.resolved_reports = std::popcount(open & ~bugs);
  result.reports = std::popcount(bugs);
  closed = (closed | open) & ~bugs;
  open = bugs;
  ++stores;
  return result;
}

void Ledger::Verify(BareServer& server, bool crashes_fail) {
  VerifyProducts(server);
  VerifySpool(server);
  Completed completed;
  for (const Sent& sent : sent_) {
    const std::optional<StoreSession> session = VerifySession(server, sent, crashes_fail);
    if (!session.has_value() || session->state != StoreState::kCompleted) continue;
    if (!products_[static_cast<size_t>(sent.product)].delete_tried) {
      completed[session->sequence] = {&sent, *session->result};
    }
  }
  VerifyRuns(server, completed);
}

void Ledger::VerifyDatabases() {
  std::vector<std::string> paths = {directory_ + "/meta.db"};
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/products")) {
    if (entry.path().extension() == ".db") paths.push_back(entry.path().string());
  }
  for (const std::string& path : paths) {
    const auto check = [&]() -> absl::StatusOr<std::string> {
      STORED_ASSIGN_OR_RETURN(const std::unique_ptr<storage::sqlite::Database> database,
                              storage::sqlite::Database::Open(
                                  path, storage::sqlite::Database::Mode::kReadOnly, 1 << 10));
      STORED_ASSIGN_OR_RETURN(storage::sqlite::Statement select,
                              database->Prepare("PRAGMA integrity_check"));
      STORED_RETURN_IF_ERROR(select.Step().status());
      return select.String(0);
    };
    const absl::StatusOr<std::string> answer = check();
    ASSERT_TRUE(answer.ok()) << path << ": " << answer.status();
    EXPECT_EQ(*answer, "ok") << path;
  }
}

void Ledger::VerifyProducts(BareServer& server) {
  const absl::StatusOr<std::vector<storage::ProductSummary>> there =
      server.backend().ListProducts();
  ASSERT_TRUE(there.ok()) << there.status();
  std::set<std::string> names;
  for (const storage::ProductSummary& product : *there) names.insert(product.name);
  std::map<std::string, const Product*> last_tried;
  for (const Product& product : products_) {
    if (product.create_tried) last_tried[product.name] = &product;
  }
  for (const auto& [name, product] : last_tried) {
    if (product->created && !product->delete_tried) {
      EXPECT_TRUE(names.count(name) > 0) << "product " << name << " was created and is not there";
    }
    if (product->deleted) {
      EXPECT_TRUE(names.count(name) == 0) << "product " << name << " was deleted and is there";
    }
    names.erase(name);
  }
  EXPECT_TRUE(names.empty()) << "product " << *names.begin() << " was never created";
}

std::optional<StoreSession> Ledger::VerifySession(BareServer& server, const Sent& sent,
                                                  bool crashes_fail) {
  const std::string& id = sent.request.upload_id;
  const absl::StatusOr<StoreSession> session = server.queue().FindUpload(id);
  if (absl::IsNotFound(session.status())) {
    EXPECT_TRUE(sent.token.empty()) << id << " was acknowledged and is not there";
    return std::nullopt;
  }
  EXPECT_TRUE(session.ok()) << id << ": " << session.status();
  if (!session.ok()) return std::nullopt;
  EXPECT_TRUE(sent.tried) << id;
  if (!sent.token.empty()) {
    EXPECT_EQ(session->token, sent.token) << id << " has another token";
  }
  if (sent.ended.has_value()) {
    EXPECT_EQ(session->state, sent.ended->state) << id << " had ended otherwise";
    EXPECT_EQ(session->result, sent.ended->result) << id << " had another result";
  }
  if (storage::IsFinal(session->state)) {
    VerifyEnd(server, sent, *session, crashes_fail);
  } else {
    const absl::StatusOr<std::string> payload =
        ReadFile(server.spool().PathOf(session->payload.file), kMaxPayloadBytes);
    EXPECT_TRUE(payload.ok()) << id << " waits, but its payload is gone: " << payload.status();
    if (payload.ok()) {
      EXPECT_EQ(*payload, PayloadOf(sent.bugs)) << id << " waits, but its payload is damaged";
    }
  }
  return *session;
}

void Ledger::VerifyEnd(BareServer& server, const Sent& sent, const StoreSession& session,
                       bool crashes_fail) {
  const std::string& id = sent.request.upload_id;
  const Product& product = products_[static_cast<size_t>(sent.product)];
  switch (session.state) {
    case StoreState::kCompleted:
      break;
    case StoreState::kCancelled:
      EXPECT_TRUE(sent.cancel_tried) << id << " was cancelled without a request";
      break;
    default:
      EXPECT_TRUE((crashes_fail && session.error.code == StoreErrorCode::kCrashed) ||
                  (product.delete_tried && session.error.code == StoreErrorCode::kProductGone))
          << id << " ended " << storage::NameOf(session.state) << ": " << session.error.message;
  }
  if (product.delete_tried) return;
  const absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
      server.backend().Results(product.name);
  ASSERT_TRUE(results.ok()) << results.status();
  const absl::StatusOr<std::optional<StoreResult>> ingested = (*results)->Ingested(session.token);
  ASSERT_TRUE(ingested.ok()) << ingested.status();
  EXPECT_EQ(*ingested, session.result)
      << id << " ended " << storage::NameOf(session.state) << ", its results are "
      << (ingested->has_value() ? "there" : "not there");
}

void Ledger::VerifyRuns(BareServer& server, const Completed& completed) {
  std::map<std::pair<std::string, std::string>, ExpectedRun> runs;
  for (const auto& [sequence, entry] : completed) {
    const auto& [sent, result] = entry;
    const StoreResult expected =
        runs[{sent->request.product, sent->request.run_name}].Apply(sent->bugs);
    EXPECT_EQ(Summary(result), Summary(expected)) << sent->request.upload_id;
  }
  for (const Product& product : products_) {
    if (!product.created || product.delete_tried) continue;
    const absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
        server.backend().Results(product.name);
    ASSERT_TRUE(results.ok()) << results.status();
    const absl::StatusOr<storage::RunPage> page = (*results)->ListRuns("", 100, "");
    ASSERT_TRUE(page.ok()) << page.status();
    for (const storage::RunSummary& run : page->runs) {
      const auto expected = runs.find({product.name, run.name});
      ASSERT_NE(expected, runs.end()) << "run " << product.name << "/" << run.name
                                      << " has results that belong to no completed store";
      VerifyRun(**results, run, expected->second);
      runs.erase(expected);
    }
  }
  EXPECT_TRUE(runs.empty()) << "run " << runs.begin()->first.second << " is not there";
}

void Ledger::VerifyRun(storage::ProductResults& results, const storage::RunSummary& run,
                       const ExpectedRun& expected) {
  EXPECT_EQ(run.store_count, expected.stores) << run.name;
  EXPECT_EQ(run.open_reports, std::popcount(expected.open)) << run.name;
  const absl::StatusOr<storage::ReportPage> page =
      results.ListReports({.run_name = run.name, .with_bug_path = true, .page_size = 100});
  ASSERT_TRUE(page.ok()) << page.status();
  std::multiset<std::string> checkers;
  for (const reports::StoredReport& report : page->reports) {
    checkers.insert(report.report.checker_name);
  }
  std::multiset<std::string> wanted;
  for (int bug = 0; bug < kBugs; ++bug) {
    if (((expected.open | expected.closed) >> bug & 1U) != 0) wanted.insert(CheckerOf(bug));
  }
  EXPECT_EQ(checkers, wanted) << run.name;
}

void Ledger::VerifySpool(BareServer& server) {
  const absl::StatusOr<std::vector<FileSystem::Entry>> entries =
      FileSystem::Posix().List(server.spool().directory());
  ASSERT_TRUE(entries.ok()) << entries.status();
  // The .part files of acknowledged uploads count too, because those are sent again. An upload that
  // no client resumes expires.
  std::set<std::string> arriving;
  for (const Sent& sent : sent_) {
    if (sent.tried) arriving.insert(sent.request.upload_id + ".part");
  }
  storage::SessionFilter in_progress;
  in_progress.states = {storage::StoreState::kEnqueued, storage::StoreState::kRunning};
  const absl::StatusOr<storage::SessionPage> page = server.queue().List(in_progress, 1000, "");
  ASSERT_TRUE(page.ok()) << page.status();
  std::set<std::string> needed;
  for (const StoreSession& session : page->sessions) needed.insert(session.payload.file);
  for (const FileSystem::Entry& entry : *entries) {
    if (arriving.count(entry.name) > 0) continue;
    EXPECT_TRUE(needed.count(entry.name) > 0)
        << entry.name << " is in the spool but belongs to no store";
  }
}

void Ledger::VerifySettled() {
  for (const Sent& sent : sent_) {
    EXPECT_FALSE(sent.token.empty()) << sent.request.upload_id << " was not acknowledged";
    EXPECT_TRUE(sent.ended.has_value()) << sent.request.upload_id << " did not end";
  }
}

}  // namespace stored
