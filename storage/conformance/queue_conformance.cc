#include <fmt/format.h>

#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "storage/conformance/conformance.h"

namespace stored::storage {
namespace {

constexpr int64_t kStep = SessionQueue::kRevisionStep;

StoreRequest Request(const std::string& run = "run", const std::string& upload_id = "") {
  StoreRequest request;
  request.upload_id = upload_id;
  request.product = kDefaultProduct;
  request.run_name = run;
  request.tag = "v1";
  request.description = "nightly";
  request.format = PayloadFormat::kArchive;
  request.force = true;
  request.trim_path_prefixes = {"/src", "", "/build/*"};
  request.skip_bad_files = true;
  request.expire_after = absl::Hours(5);
  return request;
}

SpooledPayload Payload(const std::string& file = "spooled") {
  return {file, 1234, std::string(32, '\x7f')};
}

class Queue {
 public:
  explicit Queue(SessionQueue& queue) : queue_(queue) {}

  std::string Add(const std::string& run = "run", const std::string& file = "spooled") {
    return Add(Request(run), file);
  }
  std::string AddTo(const std::string& product, const std::string& run) {
    StoreRequest request = Request(run);
    request.product = product;
    return Add(request, "spooled");
  }
  // The claimed token; empty when there is nothing to do.
  std::string Claim(const SessionQueue::ClaimRules& rules = {}) {
    const absl::StatusOr<std::optional<StoreSession>> claimed = queue_.ClaimNext(At(1), rules);
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.ok() && claimed->has_value() ? (*claimed)->token : "";
  }
  StoreSession Get(const std::string& token) {
    const absl::StatusOr<StoreSession> session = queue_.Get(token);
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *session : StoreSession();
  }

 private:
  std::string Add(const StoreRequest& request, const std::string& file) {
    const absl::StatusOr<SessionQueue::Enqueued> added =
        queue_.Enqueue(request, Payload(file), {}, At(0));
    EXPECT_TRUE(added.ok()) << added.status();
    return added.ok() ? added->session.token : "";
  }

  SessionQueue& queue_;
};

TEST_P(StoreConformance, Enqueue_EveryFieldComesBack_AfterAReopenToo) {
  const absl::StatusOr<SessionQueue::Enqueued> added =
      queue().Enqueue(Request("run", "upload-1"), Payload(), {}, At(5));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_FALSE(added->repeated);
  const StoreSession session = added->session;
  EXPECT_EQ(session.token.size(), 32U);
  EXPECT_EQ(session.token.find_first_not_of("0123456789abcdef"), std::string::npos);
  Reopen();
  const StoreSession read = *queue().Get(session.token);
  EXPECT_EQ(read.request, Request("run", "upload-1"));
  EXPECT_EQ(read.payload, Payload());
  EXPECT_EQ(read.state, StoreState::kEnqueued);
  EXPECT_EQ(read.sequence, session.sequence);
  EXPECT_EQ(read.revision, session.revision);
  EXPECT_GT(read.revision, 0);
  EXPECT_EQ(read.enqueued_at, At(5));
  EXPECT_FALSE(read.started_at.has_value());
  EXPECT_EQ(queue().FindUpload("upload-1")->token, session.token);
}

TEST_P(StoreConformance, Enqueue_Tokens_Differ) {
  Queue q(queue());
  std::set<std::string> tokens;
  for (int i = 0; i < 20; ++i) tokens.insert(q.Add());
  EXPECT_EQ(tokens.size(), 20U);
}

TEST_P(StoreConformance, Enqueue_SameUpload_SameToken) {
  const std::string token =
      queue().Enqueue(Request("run", "u"), Payload("1"), {}, At(0))->session.token;
  const absl::StatusOr<SessionQueue::Enqueued> again =
      queue().Enqueue(Request("run", "u"), Payload("2"), {.refuse_if_busy = true}, At(1));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->session.token, token);
  EXPECT_EQ(again->session.payload.file, "1");
  EXPECT_EQ(queue().List({}, 10, "")->sessions.size(), 1U);
  // Without an upload_id every upload is one of its own.
  Queue q(queue());
  EXPECT_NE(q.Add(), q.Add());
}

TEST_P(StoreConformance, Enqueue_SameUploadIdOtherContent_AlreadyExists) {
  ASSERT_TRUE(queue().Enqueue(Request("run", "u"), Payload(), {}, At(0)).ok());
  SpooledPayload other = Payload();
  other.sha256[0] = 'x';
  EXPECT_EQ(queue().Enqueue(Request("run", "u"), other, {}, At(0)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(queue().Enqueue(Request("other", "u"), Payload(), {}, At(0)).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_P(StoreConformance, Enqueue_UnknownProduct_NotFound) {
  StoreRequest request = Request();
  request.product = "nowhere";
  const absl::Status status = queue().Enqueue(request, Payload(), {}, At(0)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("nowhere"), absl::string_view::npos);
}

TEST_P(StoreConformance, Enqueue_RefuseIfBusy_WhileTheRunIsNotFinished) {
  Queue q(queue());
  const SessionQueue::EnqueueOptions refuse = {.refuse_if_busy = true};
  const std::string token = q.Add();
  EXPECT_EQ(queue().Enqueue(Request(), Payload(), refuse, At(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(queue().Enqueue(Request("other"), Payload(), refuse, At(0)).ok());
  ASSERT_EQ(q.Claim(), token);
  EXPECT_EQ(queue().Enqueue(Request(), Payload(), refuse, At(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  EXPECT_TRUE(queue().Enqueue(Request(), Payload(), refuse, At(0)).ok());
}

TEST_P(StoreConformance, Enqueue_FullQueue_ResourceExhausted) {
  Queue q(queue());
  const SessionQueue::EnqueueOptions two = {.max_enqueued = 2};
  q.Add("a");
  q.Add("b");
  EXPECT_EQ(queue().Enqueue(Request(), Payload(), two, At(0)).status().code(),
            absl::StatusCode::kResourceExhausted);
  q.Claim();
  EXPECT_TRUE(queue().Enqueue(Request(), Payload(), two, At(0)).ok());
}

TEST_P(StoreConformance, Get_Unknown_NotFound) {
  EXPECT_EQ(queue().Get("no such").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().FindUpload("no such").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().FindUpload("").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().Complete("no such", {}, At(0)).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().MarkConsumed("no such").code(), absl::StatusCode::kNotFound);
}

TEST_P(StoreConformance, ClaimNext_OldestFirst_OneARun) {
  Queue q(queue());
  const std::string a1 = q.Add("a");
  const std::string a2 = q.Add("a");
  const std::string b1 = q.Add("b");
  EXPECT_EQ(q.Claim(), a1);
  EXPECT_EQ(q.Claim(), b1);
  EXPECT_EQ(q.Claim(), "");
  ASSERT_TRUE(queue().Fail(a1, {StoreErrorCode::kServer, "x"}, At(2)).ok());
  EXPECT_EQ(q.Claim(), a2);
}

TEST_P(StoreConformance, ClaimNext_SameRunNameOfAnotherProduct_IsAnotherRun) {
  ASSERT_TRUE(store().CreateProduct("p2", {}, At(0)).ok());
  Queue q(queue());
  q.Add("a");
  StoreRequest request = Request("a");
  request.product = "p2";
  const std::string token = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  q.Claim();
  EXPECT_EQ(q.Claim(), token);
}

TEST_P(StoreConformance, ClaimNext_ProductsTakeTurns) {
  ASSERT_TRUE(store().CreateProduct("small", {}, At(0)).ok());
  Queue q(queue());
  for (int i = 0; i < 6; ++i) q.Add(fmt::format("large-{}", i));
  StoreRequest request = Request();
  request.product = "small";
  for (int i = 0; i < 2; ++i) {
    request.run_name = fmt::format("small-{}", i);
    ASSERT_TRUE(queue().Enqueue(request, Payload(), {}, At(0)).ok());
  }
  // One worker.
  std::vector<std::string> runs;
  for (std::string token = q.Claim(); !token.empty(); token = q.Claim()) {
    runs.push_back(q.Get(token).request.run_name);
    ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  }
  EXPECT_EQ(runs, (std::vector<std::string>{"large-0", "small-0", "large-1", "small-1", "large-2",
                                            "large-3", "large-4", "large-5"}));
}

TEST_P(StoreConformance, ClaimNext_ProductWithFewerRunning_ComesFirst) {
  ASSERT_TRUE(store().CreateProduct("small", {}, At(0)).ok());
  Queue q(queue());
  for (int i = 0; i < 4; ++i) q.Add(fmt::format("large-{}", i));
  q.Claim();
  q.Claim();
  StoreRequest request = Request("small");
  request.product = "small";
  const std::string small = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  ASSERT_TRUE(queue().Complete(queue().Running()->front().token, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(), small);
}

TEST_P(StoreConformance, ClaimNext_ProductsLeftOut_Wait) {
  ASSERT_TRUE(store().CreateProduct("other", {}, At(0)).ok());
  Queue q(queue());
  const std::string token = q.Add();
  EXPECT_FALSE((*queue().ClaimNext(At(1), {{kDefaultProduct}})).has_value());
  StoreRequest request = Request();
  request.product = "other";
  const std::string other = queue().Enqueue(request, Payload(), {}, At(0))->session.token;
  EXPECT_EQ((*queue().ClaimNext(At(1), {{kDefaultProduct}}))->token, other);
  EXPECT_EQ(q.Claim(), token);
}

TEST_P(StoreConformance, ClaimNext_AsManyRunningAsMay_NothingOfTheirProducts) {
  ASSERT_TRUE(store().CreateProduct("other", {}, At(0)).ok());
  Queue q(queue());
  const SessionQueue::ClaimRules two = {{}, 2};
  const std::string a = q.Add("a");
  const std::string b = q.Add("b");
  const std::string c = q.Add("c");
  EXPECT_EQ(q.Claim(two), a);
  EXPECT_EQ(q.Claim(two), b);
  EXPECT_EQ(q.Claim(two), "");
  // Another product does not wait for stores that wait for each other.
  const std::string first = q.AddTo("other", "first");
  const std::string second = q.AddTo("other", "second");
  EXPECT_EQ(q.Claim(two), first);
  // Two products have RUNNING stores now, which is the limit.
  ASSERT_TRUE(store().CreateProduct("third", {}, At(0)).ok());
  const std::string third = q.AddTo("third", "run");
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(a, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(b, {}, At(2)).ok());
  // The product that has none RUNNING and had no turn yet.
  EXPECT_EQ(q.Claim(two), third);
  EXPECT_EQ(q.Claim(two), "");
  ASSERT_TRUE(queue().Complete(first, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), c);
  ASSERT_TRUE(queue().Complete(third, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(two), second);
}

TEST_P(StoreConformance, ClaimNext_OneMayRun_NoOtherProductDoes) {
  ASSERT_TRUE(store().CreateProduct("other", {}, At(0)).ok());
  Queue q(queue());
  const SessionQueue::ClaimRules one = {{}, 1};
  const std::string a = q.Add("a");
  const std::string other = q.AddTo("other", "run");
  EXPECT_EQ(q.Claim(one), a);
  EXPECT_EQ(q.Claim(one), "");
  ASSERT_TRUE(queue().Complete(a, {}, At(2)).ok());
  EXPECT_EQ(q.Claim(one), other);
}

// Claims that look at the same time see the same room and share it.
TEST_P(StoreConformance, ClaimNext_ManyAtOnce_NoMoreThanMayRun) {
  constexpr int kThreads = 8;
  ASSERT_TRUE(store().CreateProduct("other", {}, At(0)).ok());
  Queue q(queue());
  for (int i = 0; i < 20; ++i) {
    q.Add(fmt::format("run {}", i));
    q.AddTo("other", fmt::format("run {}", i));
  }
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&] { q.Claim({{}, 3}); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(queue().Running()->size(), 3U);
}

TEST_P(StoreConformance, ClaimNext_RunningWithAttempts) {
  Queue q(queue());
  const std::string token = q.Add();
  const StoreSession before = q.Get(token);
  q.Claim();
  const StoreSession claimed = q.Get(token);
  EXPECT_EQ(claimed.state, StoreState::kRunning);
  EXPECT_EQ(claimed.attempts, 1);
  EXPECT_EQ(claimed.started_at, At(1));
  EXPECT_EQ(claimed.revision, before.revision + kStep);
}

TEST_P(StoreConformance, Complete_KeepsTheResult) {
  Queue q(queue());
  const std::string token = q.Add();
  q.Claim();
  StoreResult result;
  result.run_id = int64_t{1} << 40;
  result.new_reports = 7;
  result.diagnostics = -1;
  result.new_source_bytes = int64_t{1} << 50;
  result.warnings = {"one", "",
                     "thr\xff"
                     "ee"};
  ASSERT_TRUE(queue().Complete(token, result, At(9)).ok());
  Reopen();
  const StoreSession session = *queue().Get(token);
  EXPECT_EQ(session.state, StoreState::kCompleted);
  EXPECT_EQ(session.finished_at, At(9));
  ASSERT_TRUE(session.result.has_value());
  EXPECT_EQ(*session.result, result);
}

TEST_P(StoreConformance, Fail_FailedOrCancelledByItsCode) {
  Queue q(queue());
  const std::string failed = q.Add("a");
  const std::string cancelled = q.Add("b");
  q.Claim();
  q.Claim();
  ASSERT_TRUE(queue().Fail(failed, {StoreErrorCode::kBadInput, "x.plist: not XML"}, At(3)).ok());
  ASSERT_TRUE(queue().Fail(cancelled, {StoreErrorCode::kCancelled, "asked"}, At(3)).ok());
  EXPECT_EQ(q.Get(failed).state, StoreState::kFailed);
  EXPECT_EQ(q.Get(failed).error.code, StoreErrorCode::kBadInput);
  EXPECT_EQ(q.Get(failed).error.message, "x.plist: not XML");
  EXPECT_EQ(q.Get(failed).finished_at, At(3));
  EXPECT_FALSE(q.Get(failed).result.has_value());
  EXPECT_EQ(q.Get(cancelled).state, StoreState::kCancelled);
}

TEST_P(StoreConformance, EndingWhatIsNotRunning_Refused) {
  Queue q(queue());
  const std::string token = q.Add();
  EXPECT_EQ(queue().Complete(token, {}, At(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(queue().Fail(token, {}, At(0)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(queue().Requeue(token, SessionQueue::Attempt::kCounted).status().code(),
            absl::StatusCode::kFailedPrecondition);
  q.Claim();
  ASSERT_TRUE(queue().Complete(token, {}, At(0)).ok());
  EXPECT_EQ(queue().Fail(token, {}, At(0)).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(StoreConformance, Requeue_BackInItsOldPlace_AttemptsKept) {
  Queue q(queue());
  const std::string a = q.Add("a");
  const std::string b = q.Add("b");
  ASSERT_EQ(q.Claim(), a);
  const int64_t revision = q.Get(a).revision;
  ASSERT_TRUE(queue().Requeue(a, SessionQueue::Attempt::kCounted).ok());
  EXPECT_EQ(q.Get(a).state, StoreState::kEnqueued);
  EXPECT_EQ(q.Get(a).revision, revision + kStep);
  EXPECT_FALSE(q.Get(a).started_at.has_value());
  EXPECT_EQ(q.Claim(), a);
  EXPECT_EQ(q.Get(a).attempts, 2);
  EXPECT_EQ(q.Claim(), b);
}

TEST_P(StoreConformance, Requeue_AttemptTakenBack_DoesNotCount) {
  Queue q(queue());
  const std::string a = q.Add("a");
  for (int stop = 0; stop < 5; ++stop) {
    ASSERT_EQ(q.Claim(), a);
    ASSERT_TRUE(queue().Requeue(a, SessionQueue::Attempt::kTakenBack).ok());
  }
  EXPECT_EQ(q.Claim(), a);
  EXPECT_EQ(q.Get(a).attempts, 1);
}

TEST_P(StoreConformance, RequestCancel_ByState) {
  Queue q(queue());
  const std::string running = q.Add("a");
  const std::string waiting = q.Add("b");
  ASSERT_EQ(q.Claim(), running);

  EXPECT_EQ(queue().RequestCancel(waiting, At(4))->state, StoreState::kCancelled);
  EXPECT_EQ(q.Get(waiting).finished_at, At(4));
  EXPECT_EQ(q.Get(waiting).error.code, StoreErrorCode::kCancelled);
  const int64_t revision = q.Get(waiting).revision;
  EXPECT_TRUE(queue().RequestCancel(waiting, At(5)).ok());
  EXPECT_EQ(q.Get(waiting).revision, revision);
  EXPECT_EQ(q.Claim(), "");

  EXPECT_EQ(queue().RequestCancel(running, At(4))->state, StoreState::kRunning);
  EXPECT_TRUE(q.Get(running).cancel_requested);
  ASSERT_TRUE(queue().Complete(running, {}, At(6)).ok());
  EXPECT_EQ(queue().RequestCancel(running, At(7)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_P(StoreConformance, MarkConsumed_OnceAndOnlyWhenFinal) {
  Queue q(queue());
  const std::string token = q.Add();
  ASSERT_TRUE(queue().MarkConsumed(token).ok());
  EXPECT_FALSE(q.Get(token).consumed);
  q.Claim();
  ASSERT_TRUE(queue().Complete(token, {}, At(0)).ok());
  const int64_t revision = q.Get(token).revision;
  ASSERT_TRUE(queue().MarkConsumed(token).ok());
  ASSERT_TRUE(queue().MarkConsumed(token).ok());
  EXPECT_TRUE(q.Get(token).consumed);
  EXPECT_EQ(q.Get(token).revision, revision + kStep);
}

TEST_P(StoreConformance, Running_AndCounts_AfterAReopen) {
  Queue before(queue());
  const std::string a = before.Add("a");
  const std::string b = before.Add("b");
  before.Add("c");
  before.Add("d");
  before.Claim();
  before.Claim();
  Reopen();
  Queue q(queue());
  const std::vector<StoreSession> running = *queue().Running();
  ASSERT_EQ(running.size(), 2U);
  EXPECT_EQ(running[0].token, a);
  EXPECT_EQ(running[1].token, b);
  EXPECT_EQ(queue().List({.states = {StoreState::kEnqueued}}, 10, "")->sessions.size(), 2U);
}

TEST_P(StoreConformance, List_NewestFirst_FilteredInPages) {
  Queue q(queue());
  std::vector<std::string> tokens;
  tokens.reserve(5);
  for (int i = 0; i < 5; ++i) tokens.push_back(q.Add(fmt::format("run-{}", i)));
  q.Claim();
  const absl::StatusOr<SessionPage> first = queue().List({}, 3, "");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->sessions.size(), 3U);
  EXPECT_EQ(first->sessions[0].token, tokens[4]);
  const absl::StatusOr<SessionPage> second = queue().List({}, 3, first->next_page_token);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->sessions.size(), 2U);
  EXPECT_EQ(second->sessions[1].token, tokens[0]);
  EXPECT_EQ(second->next_page_token, "");

  EXPECT_EQ(queue().List({.run_name = "run-[23]"}, 10, "")->sessions.size(), 2U);
  EXPECT_EQ(queue().List({.product = "other"}, 10, "")->sessions.size(), 0U);
  EXPECT_EQ(queue().List({.product = kDefaultProduct}, 10, "")->sessions.size(), 5U);
  EXPECT_EQ(queue().List({.states = {StoreState::kRunning}}, 10, "")->sessions.size(), 1U);
  EXPECT_EQ(queue()
                .List({.states = {StoreState::kRunning, StoreState::kEnqueued}}, 10, "")
                ->sessions.size(),
            5U);
  EXPECT_EQ(queue().List({.product = "other"}, 3, first->next_page_token).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(queue().List({}, 3, "rubbish").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(StoreConformance, StoppedCleanly_OnlyAfterWhoWorkedSaidSo) {
  EXPECT_FALSE(store().stopped_cleanly());
  ASSERT_TRUE(store().MarkWorking().ok());
  Reopen();
  EXPECT_FALSE(store().stopped_cleanly());
  ASSERT_TRUE(store().MarkWorking().ok());
  ASSERT_TRUE(store().MarkStopped().ok());
  Reopen();
  EXPECT_TRUE(store().stopped_cleanly());
  // One that did not come to work is not asked.
  Reopen();
  EXPECT_TRUE(store().stopped_cleanly());
  ASSERT_TRUE(store().MarkWorking().ok());
  EXPECT_TRUE(store().stopped_cleanly());
  Reopen();
  EXPECT_FALSE(store().stopped_cleanly());
}

}  // namespace
}  // namespace stored::storage
