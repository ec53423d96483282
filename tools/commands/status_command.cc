#include <fmt/format.h>

#include <memory>

#include "tools/commands/command.h"
#include "tools/commands/outcome.h"
#include "tools/terminal/format.h"
#include "tools/terminal/progress_printer.h"
#include "tools/terminal/table.h"

namespace stored::tools {
namespace {

void PrintStatus(const v1::StoreStatus& status, Output& output) {
  Table table(output.result(), {{}, {}});
  const auto add_time = [&](const char* label, bool set, const google::protobuf::Timestamp& time) {
    if (set) table.Add({label, FormatTime(time)});
  };
  table.Add({"token", status.token()});
  table.Add({"state", DescribeState(status)});
  table.Add({"product", status.product()});
  table.Add({"run", status.run_name()});
  if (!status.tag().empty()) table.Add({"tag", status.tag()});
  if (!status.description().empty()) table.Add({"description", status.description()});
  table.Add({"uploaded", FormatBytes(status.payload_size())});
  add_time("queued at", status.has_enqueued_at(), status.enqueued_at());
  add_time("started at", status.has_started_at(), status.started_at());
  add_time("finished at", status.has_finished_at(), status.finished_at());
  if (status.attempts() > 1) table.Add({"attempts", fmt::format("{}", status.attempts())});
  table.Print();
  if (status.state() != v1::STORE_STATE_COMPLETED) return;
  output.Line(DescribeResult(status));
  if (const std::string failed = DescribeFailedFiles(status.result()); !failed.empty()) {
    output.Line(failed);
  }
}

Ending RunStatus(Session& session, const std::string& token) {
  v1::GetStatusRequest request;
  request.set_token(token);
  const auto status = session.CallWithRetry(
      [&](client::Connection& connection) { return connection.GetStatus(request); });
  if (!status.ok()) {
    return session.ServerFailure(fmt::format("status of {}", token), status.status());
  }
  if (session.output().json()) {
    if (Ending ending = session.Document(*status); ending.code != ExitCode::kDone) return ending;
  } else {
    PrintStatus(*status, session.output());
  }
  return EndingOf(*status);
}

}  // namespace

void AddStatusCommand(CLI::App& app, Command& chosen) {
  auto token = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("status", "Prints the present state of a store");
  command->add_option("TOKEN", *token, "Token that upload printed")->required();
  command->callback([&chosen, token] {
    chosen = [token](Session& session) { return RunStatus(session, *token); };
  });
}

}  // namespace stored::tools
