#include "engine/work/store_job.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/kill_point.h"
#include "base/text/text.h"
#include "engine/work/input_watch.h"
#include "storage/state_name.h"

namespace stored::engine {
namespace {

using storage::StorePhase;
using storage::StoreResult;
using storage::StoreSession;

// A queue that cannot be written now may be writable later (disk full, database locked).
constexpr absl::Duration kRetryInterval = absl::Seconds(1);

std::string Describe(const StoreSession& ended) {
  if (!ended.result) {
    return storage::IsFinal(ended.state) ? ended.error.message : "back in the queue";
  }
  const StoreResult& result = *ended.result;
  return fmt::format("{} reports: {} new, {} unresolved, {} reopened, {} resolved", result.reports,
                     result.new_reports, result.unresolved_reports, result.reopened_reports,
                     result.resolved_reports);
}

}  // namespace

StoreJob::StoreJob(const Context& context, const StoreSession& session)
    : context_(context), session_(session) {}

void StoreJob::Run() {
  const absl::Duration start = context_.clock.Monotonic();
  context_.hub.Publish(session_, start);
  STORED_KILL_POINT("executor.after_claim");
  const Outcome outcome = Attempt();
  // Notes the outcome before it is recorded, because another thread may claim the store again after
  // that.
  if (outcome.kind() == Outcome::Kind::kPutOff) {
    Delay(outcome.reason());
  } else {
    context_.backoff.Reset(session_.request.product);
  }
  if (outcome.completed()) {
    context_.advice.Record(session_.payload.size, context_.clock.Monotonic() - start);
  }
  Record(outcome, start);
}

Outcome StoreJob::Attempt() {
  try {
    ProgressObserver observer(session_.token, context_.hub, context_.stop, context_.clock);
    return Ingest(observer);
  } catch (const std::bad_alloc&) {
    // A store that is too large for this machine must not end the process and its other stores.
    return AfterError(
        ErrorSource::kMemory,
        absl::ResourceExhaustedError("the server has not enough memory for this upload"));
  } catch (const std::system_error& error) {
    return AfterError(
        ErrorSource::kThreads,
        absl::UnavailableError(fmt::format("the server cannot create a thread: {}", error.what())));
  }
}

Outcome StoreJob::Ingest(ProgressObserver& observer) {
  const absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
      context_.backend.Results(session_.request.product);
  if (!results.ok()) return AfterError(ErrorSource::kProduct, results.status());
  // A backup may have an ENQUEUED store whose results are already in it, but not its payload.
  absl::StatusOr<std::optional<StoreResult>> earlier = (*results)->Ingested(session_.token);
  if (!earlier.ok()) return AfterError(ErrorSource::kStorage, earlier.status());
  if (earlier->has_value()) return Outcome::Completed(**std::move(earlier));
  const absl::Status whole = CheckPayloadIsWhole(context_.spool, session_.payload);
  if (!whole.ok()) return AfterError(ErrorSource::kStorage, whole);
  const absl::StatusOr<storage::ProductSettings> settings =
      context_.backend.Settings(session_.request.product);
  if (!settings.ok()) return AfterError(ErrorSource::kStorage, settings.status());

  const absl::StatusOr<std::unique_ptr<Payload>> payload = OpenPayload(observer);
  if (!payload.ok()) return AfterError(ErrorSource::kOpenPayload, payload.status());
  InputWatch input((*payload)->stream());
  absl::StatusOr<StoreResult> result = (*results)->Ingest(MakeRequest(*settings), input, observer);
  if (result.ok()) return Outcome::Completed(*std::move(result));
  return AfterError(input.input_failed() ? ErrorSource::kReadPayload : ErrorSource::kIngest,
                    result.status());
}

absl::StatusOr<std::unique_ptr<Payload>> StoreJob::OpenPayload(ProgressObserver& observer) {
  ConversionOptions options;
  options.limits = context_.limits;
  options.work_parent = context_.spool.directory();
  options.progress = [&observer](int64_t done, int64_t total) {
    observer.Progress(StorePhase::kParsing, done, total);
  };
  options.stop = [&observer] { return observer.Cancelled(); };
  return Payload::Open(context_.spool.PathOf(session_.payload.file), session_.request, options);
}

storage::IngestRequest StoreJob::MakeRequest(const storage::ProductSettings& settings) const {
  storage::IngestRequest request;
  request.token = session_.token;
  request.run_name = session_.request.run_name;
  request.tag = session_.request.tag;
  request.description = session_.request.description;
  request.force = session_.request.force;
  request.stored_at = context_.clock.Now();
  request.expire_after = session_.request.expire_after;
  request.max_runs = settings.max_runs;
  request.max_reports = settings.max_reports_per_store;
  return request;
}

Outcome StoreJob::AfterError(ErrorSource source, const absl::Status& status) const {
  return OutcomeOfError(source, status, context_.hub.CancelRequested(session_.token));
}

void StoreJob::Delay(const absl::Status& reason) {
  const std::string& product = session_.request.product;
  const absl::Duration delay = context_.backoff.PutOff(product, context_.clock.Monotonic());
  spdlog::warn("store {}: {}; stores into {} are tried again in {}", session_.token,
               Printable(std::string(reason.message())), product, absl::FormatDuration(delay));
}

absl::StatusOr<StoreSession> StoreJob::RecordOnce(const Outcome& outcome) {
  storage::SessionQueue& queue = context_.backend.queue();
  const std::string& token = session_.token;
  switch (outcome.kind()) {
    case Outcome::Kind::kCompleted:
      return queue.Complete(token, outcome.result(), context_.clock.Now());
    case Outcome::Kind::kFailed:
    case Outcome::Kind::kCancelled:
      return queue.Fail(token, outcome.error(), context_.clock.Now());
    case Outcome::Kind::kPutOff:
    case Outcome::Kind::kInterrupted:
      // A client may have cancelled it since the attempt ended.
      if (context_.hub.CancelRequested(token)) {
        return queue.Fail(token, CancelledByClient(), context_.clock.Now());
      }
      return queue.Requeue(token, storage::SessionQueue::Attempt::kTakenBack);
  }
  return absl::InternalError("unknown kind of outcome");
}

void StoreJob::Record(const Outcome& outcome, absl::Duration start) {
  absl::StatusOr<StoreSession> ended = RecordOnce(outcome);
  while (!ended.ok()) {
    // Usually a full disk or a locked database, which passes.
    spdlog::error("store {}: its end cannot be recorded: {}", session_.token,
                  std::string(ended.status().message()));
    if (absl::IsNotFound(ended.status()) || absl::IsFailedPrecondition(ended.status())) return;
    if (context_.stop.WaitFor(kRetryInterval)) return;
    ended = RecordOnce(outcome);
  }
  context_.hub.Publish(*ended);
  STORED_KILL_POINT("executor.after_end");
  if (storage::IsFinal(ended->state)) context_.spool.Remove(session_.payload.file).IgnoreError();
  const absl::Duration took = context_.clock.Monotonic() - start;
  spdlog::info("store {} into {}/{} ended {} in {}: {}", session_.token, session_.request.product,
               Printable(session_.request.run_name), storage::NameOf(ended->state),
               absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))),
               Printable(Describe(*ended)));
}

}  // namespace stored::engine
