#include "tools/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/client/outcome_waiter.h"
#include "tools/words.h"

namespace stored::tools {
namespace {

std::string DescribePhase(const v1::StoreStatus& status) {
  const bool parsing = status.phase() == v1::STORE_PHASE_PARSING;
  std::string text = EnumWord(*v1::StorePhase_descriptor(), status.phase());
  if (status.phase_total() > 0) {
    text += fmt::format(", {} of {} {}", status.phase_done(), status.phase_total(),
                        parsing ? "result files" : "reports");
  }
  return text;
}

// Follows a store for the user: on a terminal one line that is rewritten, with -v a line a change.
class Narrator {
 public:
  explicit Narrator(Output& output) : output_(output) {}

  void OnStatus(const v1::StoreStatus& status) {
    newest_ = status;
    trouble_said_ = false;
    if (client::IsFinal(status)) return;
    std::string text = DescribeState(status);
    output_.ShowProgress(text);
    if (text != last_) output_.Detail(text);
    last_ = std::move(text);
  }

  void OnFailure(const absl::Status& failure, absl::Duration delay) {
    // Once a time of trouble: the rest is more of the same.
    if (!trouble_said_) {
      output_.Note(fmt::format("the server does not answer ({}); trying again",
                               std::string(failure.message())));
    }
    trouble_said_ = true;
    output_.Detail(fmt::format("next try in {}",
                               absl::FormatDuration(absl::Trunc(delay, absl::Milliseconds(1)))));
  }

  const std::optional<v1::StoreStatus>& newest() const { return newest_; }

 private:
  Output& output_;
  std::optional<v1::StoreStatus> newest_;
  std::string last_;
  bool trouble_said_ = false;
};

Ending PrintOutcome(Session& session, const v1::StoreStatus& status,
                    const std::vector<std::string>& told) {
  for (const std::string& warning : status.result().warnings()) {
    if (std::find(told.begin(), told.end(), warning) == told.end()) {
      session.output().Warning(warning);
    }
  }
  if (session.output().json()) {
    if (Ending ending = session.Document(status); ending.code != ExitCode::kDone) return ending;
  } else if (status.state() == v1::STORE_STATE_COMPLETED) {
    session.output().Line(DescribeResult(status));
  }
  return EndingOf(status);
}

}  // namespace

std::string DescribeState(const v1::StoreStatus& status) {
  switch (status.state()) {
    case v1::STORE_STATE_ALLOCATED:
      return "uploading";
    case v1::STORE_STATE_ENQUEUED:
      if (status.queue_position() == 0) return "queued, next";
      return fmt::format("queued, {} before it", Count(status.queue_position(), "store", "stores"));
    case v1::STORE_STATE_RUNNING: {
      std::string text = "running";
      if (status.phase() != v1::STORE_PHASE_UNSPECIFIED) text += ": " + DescribePhase(status);
      if (status.cancel_requested()) text += ", to be cancelled";
      return text;
    }
    default:
      return EnumWord(*v1::StoreState_descriptor(), status.state());
  }
}

std::string DescribeResult(const v1::StoreStatus& status) {
  const v1::StoreResult& result = status.result();
  std::string text = fmt::format(
      "COMPLETED run {}: {}: {} new, {} unresolved, {} reopened, {} resolved", status.run_name(),
      Count(result.reports(), "report", "reports"), result.new_reports(),
      result.unresolved_reports(), result.reopened_reports(), result.resolved_reports());
  if (result.off_reports() > 0) text += fmt::format(", {} off", result.off_reports());
  if (result.unavailable_reports() > 0) {
    text += fmt::format(", {} unavailable", result.unavailable_reports());
  }
  return text;
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
                      const client::TimeLimit& limit, const std::vector<std::string>& told) {
  const std::string wait_command = session.WaitCommand(token);
  session.OnInterrupt(fmt::format("store {} goes on; wait for it with: {}", token, wait_command));
  Narrator narrator(session.output());
  client::WaitOptions options;
  options.watch = watch;
  options.on_status = [&](const v1::StoreStatus& status) { narrator.OnStatus(status); };
  options.on_failure = [&](const absl::Status& failure, absl::Duration delay) {
    narrator.OnFailure(failure, delay);
  };
  client::RemoteStatusSource source(session.target());
  client::OutcomeWaiter waiter(source, session.clock(), limit, std::move(options));
  const absl::StatusOr<v1::StoreStatus> status = waiter.Wait(token, known);
  if (status.ok()) return PrintOutcome(session, *status, told);

  Ending ending = session.ServerFailure(fmt::format("store {}", token), status.status());
  if (!absl::IsNotFound(status.status())) {
    ending.message += fmt::format("; the store goes on, wait for it with: {}", wait_command);
  }
  if (ending.code == ExitCode::kTimeout && session.output().json() && narrator.newest()) {
    (void)session.Document(*narrator.newest());
  }
  return ending;
}

}  // namespace stored::tools
