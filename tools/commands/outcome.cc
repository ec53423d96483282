#include "tools/commands/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/outcome_waiter.h"
#include "tools/terminal/format.h"
#include "tools/terminal/progress_printer.h"

namespace stored::tools {
namespace {

Ending PrintOutcome(Session& session, const v1::StoreStatus& status,
                    const std::vector<std::string>& printed_warnings) {
  for (const std::string& warning : status.result().warnings()) {
    if (std::find(printed_warnings.begin(), printed_warnings.end(), warning) ==
        printed_warnings.end()) {
      session.output().Warning(warning);
    }
  }
  if (session.output().json()) {
    if (Ending ending = session.Document(status); ending.code != ExitCode::kDone) return ending;
  } else if (status.state() == v1::STORE_STATE_COMPLETED) {
    session.output().Line(DescribeResult(status));
    const std::string failed = DescribeFailedFiles(status.result());
    if (!failed.empty()) session.output().Line(failed);
  }
  return EndingOf(status);
}

}  // namespace

std::string DescribeResult(const v1::StoreStatus& status) {
  const v1::StoreResult& result = status.result();
  std::string text = fmt::format(
      "COMPLETED run {}: {}: {} new, {} unresolved, {} reopened, {} resolved", status.run_name(),
      FormatCount(result.reports(), "report", "reports"), result.new_reports(),
      result.unresolved_reports(), result.reopened_reports(), result.resolved_reports());
  if (result.off_reports() > 0) text += fmt::format(", {} off", result.off_reports());
  if (result.unavailable_reports() > 0) {
    text += fmt::format(", {} unavailable", result.unavailable_reports());
  }
  return text;
}

std::string DescribeFailedFiles(const v1::StoreResult& result) {
  if (result.failed_files() == 0) return "";
  return fmt::format("{} of {} {} not analysed, so a finding that disappeared may still exist",
                     result.failed_files(), FormatCount(result.analyzed_files(), "file", "files"),
                     result.failed_files() == 1 ? "was" : "were");
}

Ending EndingOf(const v1::StoreStatus& status) {
  switch (status.state()) {
    case v1::STORE_STATE_FAILED:
      return {ExitCode::kStoreFailed, fmt::format("FAILED store {} into run {}: {}", status.token(),
                                                  status.run_name(), status.error().message())};
    case v1::STORE_STATE_CANCELLED:
      return {ExitCode::kStoreFailed,
              fmt::format("CANCELLED store {} into run {}", status.token(), status.run_name())};
    default:
      return Done();
  }
}

Ending WaitForOutcome(Session& session, const std::string& token,
                      const std::optional<v1::StoreStatus>& known, bool watch,
                      const client::TimeLimit& limit,
                      const std::vector<std::string>& printed_warnings) {
  const std::string wait_command = session.WaitCommand(token);
  session.SetInterruptMessage(
      fmt::format("store {} continues; wait for it with: {}", token, wait_command));
  ProgressPrinter printer(session.output(), session.clock());
  client::WaitOptions options;
  options.watch = watch;
  options.on_status = [&](const v1::StoreStatus& status) { printer.OnStatus(status); };
  options.on_failure = [&](const absl::Status& failure, absl::Duration delay) {
    printer.OnFailure(failure, delay);
  };
  client::RemoteStatusSource source(session.server());
  client::OutcomeWaiter waiter(source, session.clock(), limit, std::move(options));
  const absl::StatusOr<v1::StoreStatus> status = waiter.Wait(token, known);
  if (status.ok()) return PrintOutcome(session, *status, printed_warnings);

  Ending ending = session.ServerFailure(fmt::format("store {}", token), status.status());
  if (!absl::IsNotFound(status.status())) {
    ending.message += fmt::format("; the store continues, wait for it with: {}", wait_command);
  }
  if (ending.code == ExitCode::kTimeout && session.output().json() && printer.newest()) {
    (void)session.Document(*printer.newest());
  }
  return ending;
}

}  // namespace stored::tools
