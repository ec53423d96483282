#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>

#include "tools/commands/command.h"
#include "tools/terminal/format.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

// Ample, because garbage collection yields to all other work of the server.
constexpr absl::Duration kGcTimeout = absl::Hours(2);

// Adds rows to a table, without those whose count is zero.
class Rows {
 public:
  explicit Rows(Table& table) : table_(table) {}

  void Add(const std::string& product, const char* kind, int64_t count, int64_t bytes = -1) {
    if (count == 0) return;
    table_.Add({product, kind, fmt::format("{}", count), bytes < 0 ? "" : FormatBytes(bytes)});
    empty_ = false;
  }
  bool empty() const { return empty_; }

 private:
  Table& table_;
  bool empty_ = true;
};

Ending RunGc(Session& session, bool dry_run) {
  v1::CollectGarbageRequest request;
  request.set_dry_run(dry_run);
  const auto answer = session.CallWithRetry(
      [&](client::Connection& server) { return server.CollectGarbage(request, kGcTimeout); });
  if (!answer.ok()) return session.ServerFailure("gc", answer.status());
  if (session.output().json()) return session.Document(*answer);
  Table table(session.output().result(), {{"PRODUCT"}, {"WHAT"}, {"COUNT", true}, {"SIZE", true}});
  Rows rows(table);
  rows.Add("", "stores whose end was seen", answer->consumed_stores());
  rows.Add("", "other stores that ended", answer->unconsumed_stores());
  rows.Add("", "uploads that were not resumed", answer->expired_uploads(),
           answer->expired_upload_bytes());
  for (const v1::ProductGarbage& garbage : answer->products()) {
    rows.Add(garbage.product(), "expired runs", garbage.expired_run_count());
    rows.Add(garbage.product(), "reports", garbage.reports());
    rows.Add(garbage.product(), "history entries", garbage.history_entries());
    rows.Add(garbage.product(), "sources", garbage.contents(), garbage.content_bytes());
    for (const std::string& run : garbage.expired_runs()) {
      session.output().Detail(
          fmt::format("product {}: run {} has expired", garbage.product(), run));
    }
  }
  if (!rows.empty()) table.Print();
  if (rows.empty()) {
    session.output().Note("there is nothing to remove");
  } else {
    session.output().Note(dry_run ? "this would be removed" : "this was removed");
  }
  return Done();
}

}  // namespace

void AddGcCommand(CLI::App& app, Command& chosen) {
  auto dry_run = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "gc", "Removes expired and unused data now; the server also does so at intervals");
  command->add_flag("--dry-run", *dry_run, "Print what would be removed, but do not remove it");
  command->callback([&chosen, dry_run] {
    chosen = [dry_run](Session& session) { return RunGc(session, *dry_run); };
  });
}

}  // namespace stored::tools
