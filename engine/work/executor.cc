#include "engine/work/executor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "base/files/file.h"
#include "base/kill_point.h"
#include "base/status.h"
#include "base/text/text.h"
#include "engine/work/payload.h"
#include "reports/stream/forwarding_sink.h"
#include "storage/state_name.h"

namespace stored::engine {
namespace {

using storage::StoreError;
using storage::StoreErrorCode;
using storage::StorePhase;
using storage::StoreResult;
using storage::StoreSession;
using storage::StoreState;

// Watchers and pollers cannot take in more than this.
constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);
// A queue that cannot be read now may be read later (disk full, database locked).
constexpr auto kRetryInterval = std::chrono::seconds(1);
// Before stores into a product are tried again that the server's own trouble kept from succeeding.
constexpr absl::Duration kFirstFaultDelay = absl::Seconds(1);
constexpr absl::Duration kLongestFaultDelay = absl::Seconds(15);
// A worker that has nothing to do is woken; this is for clocks that count nanoseconds in 64 bits.
constexpr absl::Duration kLongestWait = absl::Hours(24);

// A stream that remembers whether it was itself that failed: then the input is bad, while any other
// error of an ingest is the server's.
class BlamingStream final : public reports::ReportStream {
 public:
  BlamingStream(reports::ReportStream& stream, bool* failed) : stream_(stream), failed_(failed) {}

  std::unique_ptr<reports::Reading> Open(reports::ReportExtent extent) override {
    return std::make_unique<BlamingReading>(stream_.Open(extent), failed_);
  }

 private:
  // Notes whether the other sink refused a call.
  class SinkWatch final : public reports::ForwardingSink<SinkWatch> {
   public:
    using ForwardingSink::ForwardingSink;

    bool failed() const { return failed_; }

    absl::Status After(absl::Status status) {
      failed_ |= !status.ok();
      return status;
    }

   private:
    bool failed_ = false;
  };

  class BlamingReading final : public reports::Reading {
   public:
    BlamingReading(std::unique_ptr<reports::Reading> reading, bool* failed)
        : reading_(std::move(reading)), failed_(failed) {}

    void AwaitFirst() override { reading_->AwaitFirst(); }
    absl::Status ReadInto(reports::ReportSink& sink) override {
      SinkWatch watch(sink);
      absl::Status status = reading_->ReadInto(watch);
      *failed_ = !status.ok() && !watch.failed();
      return status;
    }

   private:
    std::unique_ptr<reports::Reading> reading_;
    bool* failed_;
  };

  reports::ReportStream& stream_;
  bool* failed_;
};

// Why an input was refused; the server's fault where it was the machine that failed.
StoreErrorCode InputErrorCode(const absl::Status& status) {
  if (IsSystemError(status)) return StoreErrorCode::kServer;
  if (absl::IsResourceExhausted(status)) return StoreErrorCode::kLimitExceeded;
  return absl::IsInvalidArgument(status) ? StoreErrorCode::kBadInput : StoreErrorCode::kServer;
}

// Whether the same ingest may succeed later: a disk that is full, a database that is locked.
bool MayPass(const absl::Status& status, StoreErrorCode fault) {
  return fault == StoreErrorCode::kServer &&
         (absl::IsUnavailable(status) || absl::IsResourceExhausted(status));
}

// Of the threads that work on stores, and of those they make (setpriority(2)): where processors are
// short, an answer that takes a moment goes before work that takes minutes. Five steps are a third
// of the weight.
constexpr int kWorkerNice = 5;

constexpr char kCancelledMessage[] = "given up on request";

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

// Tells the hub how a store gets on, no more often than anybody can use, and the ingest when to
// stop. Safe for concurrent use: an input is parsed while what came of it is compared or written.
// Until it has been parsed, that is what is told.
class Executor::Observer final : public storage::IngestObserver {
 public:
  Observer(Executor& executor, std::string token) : executor_(executor), token_(std::move(token)) {}

  void Progress(StorePhase phase, int64_t done, int64_t total) override {
    const absl::Duration now = executor_.clock_.Monotonic();
    const std::lock_guard lock(mutex_);
    if (phase == StorePhase::kParsing) {
      parsing_ = done < total;
    } else if (parsing_) {
      return;
    }
    if (phase == phase_ && now - told_ < kProgressInterval) return;
    phase_ = phase;
    told_ = now;
    executor_.hub_.PublishProgress(token_, phase, done, total, executor_.clock_.Now());
  }

  bool Cancelled() override {
    return executor_.stopping_hard() || executor_.hub_.CancelRequested(token_);
  }

 private:
  Executor& executor_;
  const std::string token_;
  std::mutex mutex_;
  // Below: under the mutex.
  bool parsing_ = false;
  StorePhase phase_ = StorePhase::kNone;
  absl::Duration told_;
};

Executor::Executor(storage::Backend& store, storage::Spool& spool, StatusHub& hub,
                   PollAdvice& advice, Clock& clock, const Options& options)
    : store_(store), spool_(spool), hub_(hub), advice_(advice), clock_(clock), options_(options) {}

Executor::~Executor() { Stop(absl::ZeroDuration()); }

absl::Status Executor::Recover() {
  STORED_ASSIGN_OR_RETURN(const std::vector<StoreSession> running, store_.queue().Running());
  int completed = 0;
  int requeued = 0;
  int failed = 0;
  // What was left RUNNING by a server that stopped could only not be given back to the queue.
  const bool died = !store_.stopped_cleanly();
  for (const StoreSession& session : running) {
    std::optional<StoreResult> result;
    absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
        store_.Results(session.request.product);
    if (results.ok()) {
      STORED_ASSIGN_OR_RETURN(result, (*results)->Ingested(session.token));
    }
    if (result) {
      STORED_RETURN_IF_ERROR(
          store_.queue().Complete(session.token, *result, clock_.Now()).status());
      ++completed;
    } else if (session.cancel_requested) {
      const StoreError error{StoreErrorCode::kCancelled, kCancelledMessage};
      STORED_RETURN_IF_ERROR(store_.queue().Fail(session.token, error, clock_.Now()).status());
      ++failed;
    } else if (died && session.attempts >= options_.max_attempts) {
      const StoreError error{
          StoreErrorCode::kCrashed,
          fmt::format("the server died in each of {} attempts to store this", session.attempts)};
      STORED_RETURN_IF_ERROR(store_.queue().Fail(session.token, error, clock_.Now()).status());
      ++failed;
    } else {
      using Attempt = storage::SessionQueue::Attempt;
      const Attempt attempt = died ? Attempt::kCounted : Attempt::kTakenBack;
      STORED_RETURN_IF_ERROR(store_.queue().Requeue(session.token, attempt).status());
      ++requeued;
    }
  }
  std::set<std::string> payloads;
  storage::SessionFilter enqueued;
  enqueued.states = {StoreState::kEnqueued};
  std::string page_token;
  do {
    STORED_ASSIGN_OR_RETURN(const storage::SessionPage page,
                            store_.queue().List(enqueued, 1000, page_token));
    for (const StoreSession& session : page.sessions) {
      hub_.Publish(session);
      payloads.insert(session.payload.file);
      WarnOfLostPayload(session);
    }
    page_token = page.next_page_token;
  } while (!page_token.empty());
  STORED_ASSIGN_OR_RETURN(const int removed, RemoveOrphans(payloads));
  if (!running.empty() || removed > 0) {
    spdlog::warn(
        "recovery: {} stores were running when the server {}: {} had been committed, {} will run "
        "again, {} ended; {} files that nobody needs were removed from the spool",
        running.size(), died ? "died" : "stopped", completed, requeued, failed, removed);
  }
  return absl::OkStatus();
}

absl::Status Executor::CheckPayload(const StoreSession& session) const {
  const std::string& file = session.payload.file;
  const absl::StatusOr<uint64_t> size = spool_.PayloadSize(file);
  if (absl::IsNotFound(size.status())) {
    return absl::InternalError(
        fmt::format("its payload {} is missing; upload again", spool_.PathOf(file)));
  }
  STORED_RETURN_IF_ERROR(size.status());
  if (static_cast<int64_t>(*size) == session.payload.size) return absl::OkStatus();
  return absl::InternalError(fmt::format("its payload {} has {} of {} bytes; upload again",
                                         spool_.PathOf(file), *size, session.payload.size));
}

// A payload may be lost after a restore that was cut short. The worker that claims the store tells
// the client.
void Executor::WarnOfLostPayload(const StoreSession& session) const {
  const absl::Status lost = CheckPayload(session);
  if (lost.ok()) return;
  const auto results = store_.Results(session.request.product);
  if (!results.ok()) return;
  const auto ingested = (*results)->Ingested(session.token);
  if (ingested.ok() && ingested->has_value()) return;
  spdlog::warn("store {} into {}/{} waits, but {}", session.token, session.request.product,
               Printable(session.request.run_name), std::string(lost.message()));
}

absl::StatusOr<int> Executor::RemoveOrphans(const std::set<std::string>& payloads) {
  storage::SessionQueue& queue = store_.queue();
  storage::Spool::Owners owners;
  owners.needs_payload = [&payloads](const std::string& file) { return payloads.contains(file); };
  owners.was_accepted = [&queue](const std::string& upload_id) -> absl::StatusOr<bool> {
    const absl::Status found = queue.FindUpload(upload_id).status();
    if (found.ok() || absl::IsNotFound(found)) return found.ok();
    return found;
  };
  return spool_.RemoveOrphans(owners);
}

absl::Status Executor::Start() {
  STORED_RETURN_IF_ERROR(store_.MarkWorking());
  working_ = true;
  // As many as may be RUNNING, see SessionQueue::ClaimRules, and one for each product with a
  // running store that another thread waits for to tidy up: none of these may keep a store from a
  // thread.
  const int threads = (2 * options_.workers - 1) + options_.workers;
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  return absl::OkStatus();
}

void Executor::Wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

void Executor::Stop(absl::Duration drain) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (running_ > 0) {
      spdlog::info("{} stores are running: waiting for them, at most {}", running_,
                   absl::FormatDuration(drain));
    }
    changed_.wait_for(lock, absl::ToChronoMilliseconds(std::min(drain, kLongestWait)),
                      [this] { return running_ == 0; });
    stopping_hard_ = true;
    changed_.notify_all();  // To those that wait for a database to come back.
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (!std::exchange(working_, false)) return;
  const absl::Status marked = store_.MarkStopped();
  if (marked.ok()) return;
  spdlog::warn("the next start will take this stop for a crash: {}", std::string(marked.message()));
}

bool Executor::stopping_hard() const {
  const std::lock_guard lock(mutex_);
  return stopping_hard_;
}

void Executor::Work() {
  // Of this thread alone, as Linux has it. Without it things are only slower.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kWorkerNice);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const int64_t wakes = wakes_;
    absl::Duration next;
    const storage::SessionQueue::ClaimRules rules = {ProductsInTrouble(&next), options_.workers};
    lock.unlock();
    absl::StatusOr<std::optional<StoreSession>> claimed =
        store_.queue().ClaimNext(clock_.Now(), rules);
    lock.lock();
    if (!claimed.ok()) {
      spdlog::error("the queue cannot be read, trying again: {}", claimed.status().ToString());
      changed_.wait_for(lock, kRetryInterval, [this] { return stopping_; });
      continue;
    }
    if (!claimed->has_value()) {
      changed_.wait_for(lock, absl::ToChronoMilliseconds(std::min(next, kLongestWait)),
                        [&] { return stopping_ || wakes_ != wakes; });
      continue;
    }
    ++running_;
    lock.unlock();
    Run(**claimed);
    lock.lock();
    --running_;
    ++wakes_;  // Another store into the same run may be claimed now.
    changed_.notify_all();
    lock.unlock();
    Checkpoint((*claimed)->request.product);
    lock.lock();
  }
}

// What nobody waits for any more.
void Executor::Checkpoint(const std::string& product) {
  try {
    const auto results = store_.Results(product);
    if (results.ok()) (*results)->Checkpoint();
  } catch (const std::bad_alloc&) {
    spdlog::warn("product {}: not enough memory to tidy up after a store; the next one will",
                 product);
  }
}

void Executor::Run(const StoreSession& session) {
  const absl::Duration start = clock_.Monotonic();
  hub_.Publish(session, start);
  STORED_KILL_POINT("executor.after_claim");
  Observer observer(*this, session.token);
  StoreErrorCode fault = StoreErrorCode::kServer;
  absl::StatusOr<StoreResult> result = IngestWithinMemory(session, observer, &fault);
  if (MayPass(result.status(), fault)) {
    PutOff(session, result.status());
    result = absl::CancelledError("put off");  // So it goes back to the queue.
  } else {
    const std::lock_guard lock(mutex_);
    troubles_.erase(session.request.product);
  }
  if (result.ok()) advice_.Record(session.payload.size, clock_.Monotonic() - start);
  End(session, result, fault, start);
}

void Executor::PutOff(const StoreSession& session, const absl::Status& status) {
  absl::Duration delay;
  {
    const std::lock_guard lock(mutex_);
    Trouble& trouble = troubles_[session.request.product];
    // Stores that ran side by side met the same trouble.
    if (trouble.over_at <= clock_.Monotonic()) {
      trouble.delay = std::clamp(2 * trouble.delay, kFirstFaultDelay, kLongestFaultDelay);
      trouble.over_at = clock_.Monotonic() + trouble.delay;
    }
    delay = trouble.delay;
  }
  spdlog::warn("store {}: {}; stores into {} are tried again in {}", session.token,
               Printable(std::string(status.message())), session.request.product,
               absl::FormatDuration(delay));
}

std::set<std::string> Executor::ProductsInTrouble(absl::Duration* next) const {
  const absl::Duration now = clock_.Monotonic();
  *next = absl::InfiniteDuration();
  std::set<std::string> products;
  for (const auto& [product, trouble] : troubles_) {
    if (trouble.over_at <= now) continue;
    products.insert(product);
    *next = std::min(*next, trouble.over_at - now);
  }
  return products;
}

absl::StatusOr<StoreResult> Executor::IngestWithinMemory(const StoreSession& session,
                                                         Observer& observer,
                                                         StoreErrorCode* fault) {
  try {
    return Ingest(session, observer, fault);
  } catch (const std::bad_alloc&) {
    // One store too large for this machine is not to take the others down with it.
    *fault = StoreErrorCode::kLimitExceeded;
    return absl::ResourceExhaustedError("the server has not enough memory for this upload");
  } catch (const std::system_error& error) {
    // A thread that cannot be made now may be made later.
    *fault = StoreErrorCode::kServer;
    return absl::UnavailableError(fmt::format("the server lacks threads: {}", error.what()));
  }
}

absl::StatusOr<StoreResult> Executor::Ingest(const StoreSession& session, Observer& observer,
                                             StoreErrorCode* fault) {
  absl::StatusOr<std::shared_ptr<storage::ProductResults>> results =
      store_.Results(session.request.product);
  if (!results.ok()) {
    if (absl::IsNotFound(results.status())) *fault = StoreErrorCode::kProductGone;
    return results.status();
  }
  // On a backup a store may still be waiting whose results are there, and whose payload is not.
  STORED_ASSIGN_OR_RETURN(std::optional<StoreResult> earlier, (*results)->Ingested(session.token));
  if (earlier) return *std::move(earlier);
  STORED_RETURN_IF_ERROR(CheckPayload(session));
  STORED_ASSIGN_OR_RETURN(const storage::ProductSettings settings,
                          store_.Settings(session.request.product));
  ConversionOptions conversion;
  conversion.limits = options_.limits;
  conversion.work_parent = spool_.directory();
  conversion.progress = [&observer](int64_t done, int64_t total) {
    observer.Progress(StorePhase::kParsing, done, total);
  };
  conversion.stop = [&observer] { return observer.Cancelled(); };
  absl::StatusOr<std::unique_ptr<Payload>> payload =
      Payload::Open(spool_.PathOf(session.payload.file), session.request, conversion);
  if (!payload.ok()) {
    *fault = InputErrorCode(payload.status());
    // Not tried again: what it unpacks to would fill the disk once more, for everybody.
    if (*fault == StoreErrorCode::kServer && absl::IsResourceExhausted(payload.status())) {
      return absl::InternalError(fmt::format("{}; free space on the server's disk and upload again",
                                             std::string(payload.status().message())));
    }
    return payload.status();
  }
  bool input_failed = false;
  BlamingStream stream((*payload)->stream(), &input_failed);
  storage::IngestRequest request;
  request.token = session.token;
  request.run_name = session.request.run_name;
  request.tag = session.request.tag;
  request.description = session.request.description;
  request.force = session.request.force;
  request.stored_at = clock_.Now();
  request.expire_after = session.request.expire_after;
  request.max_runs = settings.max_runs;
  request.max_reports = settings.max_reports_per_store;
  absl::StatusOr<StoreResult> result = (*results)->Ingest(request, stream, observer);
  if (storage::IsProductLimit(result.status())) {
    *fault = StoreErrorCode::kLimitExceeded;
  } else if (!result.ok() && input_failed) {
    *fault = InputErrorCode(result.status());
  }
  return result;
}

absl::StatusOr<StoreSession> Executor::RecordEnd(const StoreSession& session,
                                                 const absl::StatusOr<StoreResult>& result,
                                                 StoreErrorCode fault) {
  if (result.ok()) return store_.queue().Complete(session.token, *result, clock_.Now());
  if (absl::IsCancelled(result.status())) {
    if (!hub_.CancelRequested(session.token)) {
      // Stopped for the server's sake, not at a client's wish.
      return store_.queue().Requeue(session.token, storage::SessionQueue::Attempt::kTakenBack);
    }
    const StoreError error{StoreErrorCode::kCancelled, kCancelledMessage};
    return store_.queue().Fail(session.token, error, clock_.Now());
  }
  const StoreError error{fault, std::string(result.status().message())};
  return store_.queue().Fail(session.token, error, clock_.Now());
}

void Executor::End(const StoreSession& session, const absl::StatusOr<StoreResult>& result,
                   StoreErrorCode fault, absl::Duration start) {
  absl::StatusOr<StoreSession> ended = RecordEnd(session, result, fault);
  while (!ended.ok()) {
    // A full disk or a locked database, as a rule, and it passes. Until then the session is
    // RUNNING; if the server stops meanwhile, the next start finds out how it ended.
    spdlog::error("store {}: its end cannot be recorded: {}", session.token,
                  std::string(ended.status().message()));
    if (absl::IsNotFound(ended.status()) || absl::IsFailedPrecondition(ended.status())) return;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kRetryInterval, [this] { return stopping_hard_; });
    if (stopping_hard_) return;
    lock.unlock();
    ended = RecordEnd(session, result, fault);
  }
  hub_.Publish(*ended);
  STORED_KILL_POINT("executor.after_end");
  if (storage::IsFinal(ended->state)) spool_.Remove(session.payload.file).IgnoreError();
  const absl::Duration took = clock_.Monotonic() - start;
  spdlog::info("store {} into {}/{} ended {} in {}: {}", session.token, session.request.product,
               Printable(session.request.run_name), storage::NameOf(ended->state),
               absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))),
               Printable(Describe(*ended)));
}

}  // namespace stored::engine
