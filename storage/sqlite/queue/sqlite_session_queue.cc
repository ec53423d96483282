#include "storage/sqlite/queue/sqlite_session_queue.h"

#include "base/kill_point.h"
#include "base/random.h"
#include "base/status.h"
#include "storage/columns/enum_mask.h"
#include "storage/columns/list_page_token.h"
#include "storage/policy/admission.h"
#include "storage/policy/resource_errors.h"
#include "storage/policy/session_transitions.h"
#include "storage/sqlite/queue/claim_query.h"
#include "storage/sqlite/queue/product_rows.h"
#include "storage/sqlite/queue/session_rows.h"

namespace stored::storage::sqlite {
namespace {

constexpr size_t kTokenBytes = 16;

// Returns the time as the database will return it.
absl::Time Rounded(absl::Time time) { return FromDatabaseTime(ToDatabaseTime(time)); }

// Checks that the product exists and has room in the queue. Counts its ENQUEUED stores only up to
// its limit, because a queue may be long.
absl::Status CheckProduct(Database& database, const std::string& name) {
  STORED_ASSIGN_OR_RETURN(const std::optional<ProductRow> product, FindProduct(database, name));
  if (!product.has_value() || product->state != ProductState::kReady) {
    return ProductNotFoundError(name);
  }
  const int64_t limit = product->settings.max_queued_stores;
  if (limit <= 0) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(Statement count,
                          database.Prepare("SELECT count(*) FROM (SELECT 1 FROM stores WHERE state "
                                           "= ? AND product = ? LIMIT ?)"));
  count.BindAll(static_cast<int>(StoreState::kEnqueued), name, limit);
  STORED_RETURN_IF_ERROR(count.Step().status());
  return CheckProductQueue(name, product->settings, count.Int(0));
}

absl::Status CheckNotBusy(Database& database, const StoreRequest& request) {
  STORED_ASSIGN_OR_RETURN(const std::optional<std::string> token,
                          FindUnfinished(database, request.product, request.run_name));
  return token.has_value() ? RunBusyError(request.run_name) : absl::OkStatus();
}

constexpr std::string_view kCountEnqueued = "SELECT count(*) FROM stores WHERE state = 2";
static_assert(static_cast<int>(StoreState::kEnqueued) == 2);

absl::Status CheckRoom(Database& database, const SessionQueue::EnqueueOptions& options) {
  if (options.max_enqueued <= 0) return absl::OkStatus();  // Counting is not needed then.
  STORED_ASSIGN_OR_RETURN(const int64_t enqueued, database.QueryInt(kCountEnqueued));
  return CheckQueue(options, enqueued);
}

absl::StatusOr<std::optional<StoreSession>> FindRepeated(Database& database,
                                                         const StoreRequest& request,
                                                         const SpooledPayload& payload) {
  if (request.upload_id.empty()) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> accepted,
                          FindSessionOfUpload(database, request.upload_id));
  if (accepted.has_value()) {
    STORED_RETURN_IF_ERROR(CheckRepeatedUpload(*accepted, request, payload));
  }
  return accepted;
}

}  // namespace

absl::StatusOr<SessionQueue::Enqueued> SqliteSessionQueue::Enqueue(const StoreRequest& request,
                                                                   const SpooledPayload& payload,
                                                                   const EnqueueOptions& options,
                                                                   absl::Time now) {
  Enqueued enqueued;
  StoreSession& session = enqueued.session;
  const absl::Status written = writer_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> accepted,
                            FindRepeated(database, request, payload));
    if (accepted.has_value()) {
      enqueued = {*std::move(accepted), true};
      return absl::OkStatus();
    }
    STORED_RETURN_IF_ERROR(CheckProduct(database, request.product));
    if (options.refuse_if_busy) STORED_RETURN_IF_ERROR(CheckNotBusy(database, request));
    STORED_RETURN_IF_ERROR(CheckRoom(database, options));
    session = NewSession(request, payload, Rounded(now));
    STORED_ASSIGN_OR_RETURN(session.token, RandomHex(kTokenBytes));
    return InsertSession(database, session);
  });
  STORED_RETURN_IF_ERROR(written);
  return enqueued;
}

absl::StatusOr<StoreSession> SqliteSessionQueue::Get(const std::string& token) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
  STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> session, FindSession(*reader, token));
  if (!session.has_value()) return StoreNotFoundError(token);
  return *std::move(session);
}

absl::StatusOr<StoreSession> SqliteSessionQueue::FindUpload(const std::string& upload_id) {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
  STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> session,
                          FindSessionOfUpload(*reader, upload_id));
  if (!session.has_value()) return UploadNotFoundError(upload_id);
  return *std::move(session);
}

absl::StatusOr<SessionPage> SqliteSessionQueue::List(const SessionFilter& filter, int page_size,
                                                     const std::string& page_token) {
  STORED_ASSIGN_OR_RETURN(const int64_t before, ReadSessionPageToken(filter, page_token));
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      reader->Prepare("SELECT " STORED_SESSION_COLUMNS
                      "FROM stores WHERE sequence < ?1 AND (?2 = '' OR product = ?2) AND "
                      "((?3 >> state) & 1) AND (?4 = '' OR stored_glob(?4, run_name)) "
                      "ORDER BY sequence DESC LIMIT ?5"));
  select.BindAll(before, filter.product, EnumMask(filter.states), filter.run_name,
                 int64_t{page_size} + 1);
  SessionPage page;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return page;
    if (page.sessions.size() == static_cast<size_t>(page_size)) break;
    STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
    page.sessions.push_back(std::move(session));
  }
  page.next_page_token = MakeSessionPageToken(filter, page.sessions.back().sequence);
  return page;
}

// Finds the next store without the write lock, so that Enqueue() need not wait for a search in a
// long queue.
absl::StatusOr<std::optional<StoreSession>> SqliteSessionQueue::ClaimNext(absl::Time now,
                                                                          const ClaimRules& rules) {
  while (true) {
    std::optional<int64_t> next;
    {
      STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
      STORED_ASSIGN_OR_RETURN(next, FindNextClaim(*reader, rules, order_));
    }
    if (!next.has_value()) return std::nullopt;
    STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> claimed, Claim(*next, now, rules));
    // Another worker claimed it or took the last room, or a client cancelled it.
    if (!claimed.has_value()) continue;
    order_.NoteTurn(claimed->request.product);
    return claimed;
  }
}

absl::StatusOr<std::optional<StoreSession>> SqliteSessionQueue::Claim(int64_t sequence,
                                                                      absl::Time now,
                                                                      const ClaimRules& rules) {
  std::optional<StoreSession> claimed;
  const absl::Status written = writer_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare("SELECT " STORED_SESSION_COLUMNS
                         "FROM stores AS next WHERE sequence = ?1 AND state = ?2 AND NOT EXISTS "
                         "(SELECT 1 FROM stores AS busy WHERE busy.product = next.product AND "
                         "busy.run_name = next.run_name AND busy.state = ?3)"));
    select.BindAll(sequence, static_cast<int>(StoreState::kEnqueued),
                   static_cast<int>(StoreState::kRunning));
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    STORED_ASSIGN_OR_RETURN(StoreSession session, ReadSession(select));
    select.Reset();
    STORED_ASSIGN_OR_RETURN(const bool room, HasRoom(database, rules, session));
    if (!room) return absl::OkStatus();
    STORED_RETURN_IF_ERROR(ClaimSession(session, Rounded(now)));
    STORED_RETURN_IF_ERROR(UpdateSession(database, session));
    claimed = std::move(session);
    return absl::OkStatus();
  });
  STORED_RETURN_IF_ERROR(written);
  return claimed;
}

absl::StatusOr<StoreSession> SqliteSessionQueue::Change(
    const std::string& token, absl::FunctionRef<absl::Status(StoreSession&)> change) {
  StoreSession session;
  const absl::Status written = writer_.Write([&](Database& database) -> absl::Status {
    STORED_ASSIGN_OR_RETURN(std::optional<StoreSession> found, FindSession(database, token));
    if (!found.has_value()) return StoreNotFoundError(token);
    session = *std::move(found);
    STORED_RETURN_IF_ERROR(change(session));
    return UpdateSession(database, session);
  });
  STORED_RETURN_IF_ERROR(written);
  return session;
}

absl::StatusOr<StoreSession> SqliteSessionQueue::Complete(const std::string& token,
                                                          const StoreResult& result,
                                                          absl::Time now) {
  return Change(
      token, [&](StoreSession& session) { return CompleteSession(session, result, Rounded(now)); });
}

absl::StatusOr<StoreSession> SqliteSessionQueue::Fail(const std::string& token,
                                                      const StoreError& error, absl::Time now) {
  return Change(token,
                [&](StoreSession& session) { return FailSession(session, error, Rounded(now)); });
}

absl::StatusOr<StoreSession> SqliteSessionQueue::Requeue(const std::string& token,
                                                         Attempt attempt) {
  return Change(token, [&](StoreSession& session) { return RequeueSession(session, attempt); });
}

absl::StatusOr<StoreSession> SqliteSessionQueue::RequestCancel(const std::string& token,
                                                               absl::Time now) {
  STORED_ASSIGN_OR_RETURN(StoreSession present, Get(token));
  if (IsCancelRequested(present)) return present;  // Without a write or a new revision.
  return Change(token, [&](StoreSession& session) { return CancelSession(session, Rounded(now)); });
}

absl::Status SqliteSessionQueue::MarkConsumed(const std::string& token) {
  STORED_ASSIGN_OR_RETURN(const StoreSession present, Get(token));
  if (!IsUnconsumed(present)) return absl::OkStatus();
  STORED_KILL_POINT("queue.before_mark_consumed");
  return Change(token, &ConsumeSession).status();
}

absl::StatusOr<std::vector<StoreSession>> SqliteSessionQueue::Running() {
  STORED_ASSIGN_OR_RETURN(const ReaderPool::Reader reader, readers_.Acquire());
  STORED_ASSIGN_OR_RETURN(Statement select,
                          reader->Prepare("SELECT " STORED_SESSION_COLUMNS
                                          "FROM stores WHERE state = ? ORDER BY sequence"));
  select.BindAll(static_cast<int>(StoreState::kRunning));
  return ReadSessions(select);
}

}  // namespace stored::storage::sqlite
