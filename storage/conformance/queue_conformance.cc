#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

#include "storage/conformance/conformance.h"
#include "storage/conformance/queue_driver.h"

// The life of a store session in the queue.
namespace stored::storage {
namespace {

constexpr int64_t kStep = SessionQueue::kRevisionStep;

TEST_P(BackendConformance, Enqueue_EveryFieldComesBack_AfterAReopenToo) {
  const absl::StatusOr<SessionQueue::Enqueued> added =
      queue().Enqueue(FullRequest("run", "upload-1"), Payload(), {}, At(5));
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_FALSE(added->repeated);
  const StoreSession session = added->session;
  EXPECT_EQ(session.token.size(), 32U);
  EXPECT_EQ(session.token.find_first_not_of("0123456789abcdef"), std::string::npos);
  Reopen();
  const StoreSession read = *queue().Get(session.token);
  EXPECT_EQ(read.request, FullRequest("run", "upload-1"));
  EXPECT_EQ(read.payload, Payload());
  EXPECT_EQ(read.state, StoreState::kEnqueued);
  EXPECT_EQ(read.sequence, session.sequence);
  EXPECT_EQ(read.revision, session.revision);
  EXPECT_GT(read.revision, 0);
  EXPECT_EQ(read.enqueued_at, At(5));
  EXPECT_FALSE(read.started_at.has_value());
  EXPECT_EQ(queue().FindUpload("upload-1")->token, session.token);
}

TEST_P(BackendConformance, Enqueue_Tokens_Differ) {
  QueueDriver q(queue());
  std::set<std::string> tokens;
  for (int i = 0; i < 20; ++i) tokens.insert(q.Add());
  EXPECT_EQ(tokens.size(), 20U);
}

TEST_P(BackendConformance, Enqueue_SameUpload_SameToken) {
  const std::string token =
      queue().Enqueue(FullRequest("run", "u"), Payload("1"), {}, At(0))->session.token;
  const absl::StatusOr<SessionQueue::Enqueued> again =
      queue().Enqueue(FullRequest("run", "u"), Payload("2"), {.refuse_if_busy = true}, At(1));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->session.token, token);
  EXPECT_EQ(again->session.payload.file, "1");
  EXPECT_EQ(queue().List({}, 10, "")->sessions.size(), 1U);
  // Without an upload_id every upload is a new store.
  QueueDriver q(queue());
  EXPECT_NE(q.Add(), q.Add());
}

TEST_P(BackendConformance, Enqueue_SameUploadIdOtherContent_AlreadyExists) {
  ASSERT_TRUE(queue().Enqueue(FullRequest("run", "u"), Payload(), {}, At(0)).ok());
  SpooledPayload other = Payload();
  other.sha256[0] = 'x';
  EXPECT_EQ(queue().Enqueue(FullRequest("run", "u"), other, {}, At(0)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(queue().Enqueue(FullRequest("other", "u"), Payload(), {}, At(0)).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_P(BackendConformance, Enqueue_UnknownProduct_NotFound) {
  StoreRequest request = FullRequest();
  request.product = "nowhere";
  const absl::Status status = queue().Enqueue(request, Payload(), {}, At(0)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("nowhere"), absl::string_view::npos);
}

TEST_P(BackendConformance, Enqueue_RefuseIfBusy_WhileTheRunIsNotFinished) {
  QueueDriver q(queue());
  const SessionQueue::EnqueueOptions refuse = {.refuse_if_busy = true};
  const std::string token = q.Add();
  EXPECT_EQ(queue().Enqueue(FullRequest(), Payload(), refuse, At(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(queue().Enqueue(FullRequest("other"), Payload(), refuse, At(0)).ok());
  ASSERT_EQ(q.Claim(), token);
  EXPECT_EQ(queue().Enqueue(FullRequest(), Payload(), refuse, At(0)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(queue().Complete(token, {}, At(2)).ok());
  EXPECT_TRUE(queue().Enqueue(FullRequest(), Payload(), refuse, At(0)).ok());
}

TEST_P(BackendConformance, Enqueue_FullQueue_ResourceExhausted) {
  QueueDriver q(queue());
  const SessionQueue::EnqueueOptions two = {.max_enqueued = 2};
  q.Add("a");
  q.Add("b");
  EXPECT_EQ(queue().Enqueue(FullRequest(), Payload(), two, At(0)).status().code(),
            absl::StatusCode::kResourceExhausted);
  q.Claim();
  EXPECT_TRUE(queue().Enqueue(FullRequest(), Payload(), two, At(0)).ok());
}

TEST_P(BackendConformance, Get_Unknown_NotFound) {
  EXPECT_EQ(queue().Get("no such").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().FindUpload("no such").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().FindUpload("").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().Complete("no such", {}, At(0)).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(queue().MarkConsumed("no such").code(), absl::StatusCode::kNotFound);
}

TEST_P(BackendConformance, Complete_KeepsTheResult) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, Fail_FailedOrCancelledByItsCode) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, CompleteFailRequeue_NotRunning_Refused) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, Requeue_BackInItsOldPlace_AttemptsKept) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, Requeue_AttemptTakenBack_DoesNotCount) {
  QueueDriver q(queue());
  const std::string a = q.Add("a");
  for (int stop = 0; stop < 5; ++stop) {
    ASSERT_EQ(q.Claim(), a);
    ASSERT_TRUE(queue().Requeue(a, SessionQueue::Attempt::kTakenBack).ok());
  }
  EXPECT_EQ(q.Claim(), a);
  EXPECT_EQ(q.Get(a).attempts, 1);
}

TEST_P(BackendConformance, RequestCancel_ByState) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, MarkConsumed_OnceAndOnlyWhenFinal) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, Running_AndCounts_AfterAReopen) {
  QueueDriver before(queue());
  const std::string a = before.Add("a");
  const std::string b = before.Add("b");
  before.Add("c");
  before.Add("d");
  before.Claim();
  before.Claim();
  Reopen();
  QueueDriver q(queue());
  const std::vector<StoreSession> running = *queue().Running();
  ASSERT_EQ(running.size(), 2U);
  EXPECT_EQ(running[0].token, a);
  EXPECT_EQ(running[1].token, b);
  EXPECT_EQ(queue().List({.states = {StoreState::kEnqueued}}, 10, "")->sessions.size(), 2U);
}

TEST_P(BackendConformance, List_NewestFirst_FilteredInPages) {
  QueueDriver q(queue());
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

TEST_P(BackendConformance, StoppedCleanly_OnlyAfterMarkStopped) {
  EXPECT_FALSE(backend().stopped_cleanly());
  ASSERT_TRUE(backend().MarkWorking().ok());
  Reopen();
  EXPECT_FALSE(backend().stopped_cleanly());
  ASSERT_TRUE(backend().MarkWorking().ok());
  ASSERT_TRUE(backend().MarkStopped().ok());
  Reopen();
  EXPECT_TRUE(backend().stopped_cleanly());
  // Opening a backend without MarkWorking() changes nothing.
  Reopen();
  EXPECT_TRUE(backend().stopped_cleanly());
  ASSERT_TRUE(backend().MarkWorking().ok());
  EXPECT_TRUE(backend().stopped_cleanly());
  Reopen();
  EXPECT_FALSE(backend().stopped_cleanly());
}

}  // namespace
}  // namespace stored::storage
