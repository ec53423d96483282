#include "tests/crash/ledger_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "base/status.h"
#include "base/testing/build_paths.h"
#include "tests/harness/child.h"

namespace stored::tests {
namespace {

// Fetches every page of a list.
template <typename Request, typename Call, typename Take>
absl::Status ForEachPage(const std::string& target, Request request, Call call, Take take) {
  while (true) {
    const auto page = AskServer(target, [&](client::Connection& server) {
      return (server.*call)(request, client::kRpcTimeout);
    });
    if (!page.ok()) return page.status();
    take(*page);
    if (page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

// A store whose attempts all ended with a crash of the server is FAILED, as documented. With kills
// at random moments this also happens to stores that did not cause the crashes.
bool GivenUp(const v1::StoreStatus& end) {
  return end.state() == v1::STORE_STATE_FAILED &&
         end.error().code() == v1::STORE_ERROR_CODE_CRASHED && end.attempts() >= 3;
}

class Comparison {
 public:
  explicit Comparison(std::string target) : target_(std::move(target)) {}

  void CompareSessions(const std::vector<const CrashClient*>& clients) {
    std::map<std::string, v1::StoreStatus> sessions;
    Note(ForEachPage(target_, v1::ListStoresRequest(), &client::Connection::ListStores,
                     [&](const v1::ListStoresResponse& page) {
                       for (const v1::StoreStatus& store : page.stores()) {
                         sessions[store.token()] = store;
                       }
                     }));
    for (const CrashClient* client : clients) {
      for (const LedgerEntry& entry : client->ledger()) {
        const auto found = sessions.find(entry.token);
        if (found == sessions.end()) {
          Note(entry, "was acknowledged and is not there");
          continue;
        }
        const v1::StoreStatus& kept = found->second;
        if (kept.state() != entry.end.state() ||
            kept.result().SerializeAsString() != entry.end.result().SerializeAsString()) {
          Note(entry,
               "ended " + entry.end.ShortDebugString() + "; now it is " + kept.ShortDebugString());
        }
        sessions.erase(found);
      }
    }
    for (const auto& [token, store] : sessions) {
      Add(fmt::format("store {} into {} exists, but no client was told", token, store.run_name()));
    }
  }

  // The effect of each store follows from which store was the last to complete before it.
  void CompareResults(const CrashClient& client) {
    const int window = client.options().window;
    std::optional<int> before;
    int completed = 0;
    for (const LedgerEntry& entry : client.ledger()) {
      if (GivenUp(entry.end) || entry.end.state() == v1::STORE_STATE_CANCELLED) continue;
      if (entry.end.state() != v1::STORE_STATE_COMPLETED) {
        Note(entry, "ended badly: " + entry.end.ShortDebugString());
        continue;
      }
      ++completed;
      const int moved = before ? std::min(window, entry.ordinal - *before) : window;
      const v1::StoreResult& result = entry.end.result();
      if (result.new_reports() != moved || result.unresolved_reports() != window - moved ||
          result.reopened_reports() != 0 || result.resolved_reports() != (before ? moved : 0)) {
        Note(entry, fmt::format("after store {} it should have had {} new reports: {}",
                                before.value_or(-1), moved, result.ShortDebugString()));
      }
      before = entry.ordinal;
    }
    CompareRun(client, before, completed);
  }

  std::vector<std::string> Take() { return std::move(differences_); }

 private:
  void CompareRun(const CrashClient& client, std::optional<int> last, int completed) {
    const CrashClient::Options& options = client.options();
    v1::ListRunsRequest request;
    request.set_product(options.product);
    request.set_run_name(options.run);
    const auto runs =
        AskServer(target_, [&](client::Connection& server) { return server.ListRuns(request); });
    Note(runs.status());
    if (!runs.ok()) return;
    if (runs->runs_size() != (completed > 0 ? 1 : 0)) {
      Add(fmt::format("run {}: there are {} of that name", options.run, runs->runs_size()));
      return;
    }
    if (completed == 0) return;
    const v1::Run& run = runs->runs(0);
    if (run.store_count() != completed || run.open_reports() != options.window) {
      Add(fmt::format("run {}: {} stores were completed: {}", options.run, completed,
                      run.ShortDebugString()));
    }
    std::set<std::string> wanted;
    for (int i = 0; i < options.window; ++i) {
      wanted.insert(CrashClient::MessageOf(options, *last + i));
    }
    CompareReports(options, wanted);
  }

  void CompareReports(const CrashClient::Options& options, const std::set<std::string>& wanted) {
    v1::ListReportsRequest request;
    request.set_product(options.product);
    request.set_run_name(options.run);
    for (const auto status : {v1::DETECTION_STATUS_NEW, v1::DETECTION_STATUS_UNRESOLVED,
                              v1::DETECTION_STATUS_REOPENED}) {
      request.add_detection_statuses(status);
    }
    std::multiset<std::string> open;
    Note(ForEachPage(target_, request, &client::Connection::ListReports,
                     [&](const v1::ListReportsResponse& page) {
                       for (const v1::Report& report : page.reports()) {
                         open.insert(report.message());
                       }
                     }));
    if (!std::equal(open.begin(), open.end(), wanted.begin(), wanted.end())) {
      Add(fmt::format("run {}: its open reports are not those of its last store", options.run));
    }
  }

  void Add(std::string difference) { differences_.push_back(std::move(difference)); }
  void Note(const absl::Status& status) {
    if (!status.ok()) Add(status.ToString());
  }
  void Note(const LedgerEntry& entry, const std::string& what) {
    Add(fmt::format("run {}, store {} ({}): {}", entry.run, entry.ordinal, entry.token, what));
  }

  const std::string target_;
  std::vector<std::string> differences_;
};

// Returns the output of PRAGMA integrity_check: "ok" if the database is sound.
std::string IntegrityOf(const std::string& path) {
  sqlite3* database = nullptr;
  std::string answer = "cannot be opened";
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    const auto take = [](void* out, int, char** columns, char**) {
      *static_cast<std::string*>(out) = columns[0];
      return 0;
    };
    sqlite3_exec(database, "PRAGMA integrity_check(1)", take, &answer, nullptr);
  }
  sqlite3_close(database);
  return answer;
}

}  // namespace

std::vector<std::string> CompareWithLedgers(const std::string& target,
                                            const std::vector<const CrashClient*>& clients) {
  Comparison comparison(target);
  comparison.CompareSessions(clients);
  for (const CrashClient* client : clients) comparison.CompareResults(*client);
  return comparison.Take();
}

std::vector<std::string> CheckFiles(const std::string& data_directory) {
  std::vector<std::string> wrong;
  std::vector<std::string> databases = {data_directory + "/meta.db"};
  for (const auto& entry : std::filesystem::directory_iterator(data_directory + "/products")) {
    if (entry.path().extension() == ".db") databases.push_back(entry.path().string());
  }
  for (const std::string& path : databases) {
    const std::string answer = IntegrityOf(path);
    if (answer != "ok") wrong.push_back(fmt::format("{}: {}", path, answer));
  }
  const Ended checked = RunProgram({BinaryPath("stored"), "check", "--data", data_directory});
  if (checked.exit_code != 0) wrong.push_back(checked.out + checked.err);
  for (const auto& entry : std::filesystem::directory_iterator(data_directory + "/spool")) {
    wrong.push_back(entry.path().string() + " is left in the spool");
  }
  return wrong;
}

}  // namespace stored::tests
