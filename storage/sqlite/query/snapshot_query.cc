#include "storage/sqlite/query/snapshot_query.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/status.h"
#include "base/text/text.h"
#include "base/time/timestamp.h"

namespace stored::storage::sqlite {
namespace {

// The number of tags that an error names.
constexpr int kNamedTags = 3;

#define STORED_SNAPSHOT \
  "SELECT id, store_number, stored_at, tag, past_kept FROM run_history WHERE run_id = ?1 "

FoundSnapshot SnapshotOf(const Statement& row, const PresentRun& run) {
  return {row.Int(0),
          {row.Int(1), row.Time(2), row.String(3), /*newest=*/row.Int(0) == run.latest_history_id,
           /*incomplete=*/row.Int(4) == 0}};
}

// Returns " (its newest tags are ...)", or nothing if the run has no tag.
absl::StatusOr<std::string> NewestTags(Database& database, const PresentRun& run) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare("SELECT tag FROM run_history WHERE run_id = ? AND tag "
                                           "<> '' ORDER BY id DESC LIMIT ?"));
  select.BindAll(run.id, kNamedTags);
  std::string tags;
  while (true) {
    STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    tags += fmt::format("{}\"{}\"", tags.empty() ? "" : ", ", Printable(select.String(0)));
  }
  return tags.empty() ? tags : fmt::format(" (its newest tags are {})", tags);
}

absl::StatusOr<FoundSnapshot> FindTag(Database& database, const PresentRun& run,
                                      const SnapshotName& name) {
  // The second condition lets SQLite use the index of tags.
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare(STORED_SNAPSHOT "AND tag = ?2 AND tag <> ''"));
  select.BindAll(run.id, name.tag);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (row) return SnapshotOf(select, run);
  STORED_ASSIGN_OR_RETURN(const std::string newest, NewestTags(database, run));
  return absl::NotFoundError(fmt::format("run \"{}\" has no tag \"{}\"{}", Printable(name.run_name),
                                         Printable(name.tag), newest));
}

// Returns the first entry of the run after the entry `history_id`; nothing if that is the newest.
absl::StatusOr<std::optional<FoundSnapshot>> FindNext(Database& database, const PresentRun& run,
                                                      int64_t history_id) {
  STORED_ASSIGN_OR_RETURN(Statement select,
                          database.Prepare(STORED_SNAPSHOT "AND id > ?2 ORDER BY id LIMIT 1"));
  select.BindAll(run.id, history_id);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return SnapshotOf(select, run);
}

// The clock may have been set back between two stores, so this goes by the order of the stores: the
// last one whose time is not after the wanted one.
absl::StatusOr<FoundSnapshot> FindTime(Database& database, const PresentRun& run,
                                       const SnapshotName& name) {
  STORED_ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(STORED_SNAPSHOT "AND stored_at <= ?2 ORDER BY id DESC LIMIT 1"));
  select.BindAll(run.id, *name.time);
  STORED_ASSIGN_OR_RETURN(const bool row, select.Step());
  FoundSnapshot found;
  if (row) found = SnapshotOf(select, run);
  STORED_ASSIGN_OR_RETURN(const std::optional<FoundSnapshot> next,
                          FindNext(database, run, found.history_id));
  // Entries are numbered without gaps, so a gap shows that some were removed.
  if (next.has_value() && next->snapshot.store_number != found.snapshot.store_number + 1) {
    return absl::FailedPreconditionError(fmt::format(
        "run \"{}\": stores of the time before {} were removed from its history, so "
        "its state at {} "
        "is not known; name a tag, or the time of a store that `storectl history` lists",
        Printable(name.run_name), TimestampToText(next->snapshot.stored_at),
        TimestampToText(*name.time)));
  }
  if (row) return found;
  return absl::NotFoundError(
      fmt::format("run \"{}\" has no store at or before {}; its first is of {}",
                  Printable(name.run_name), TimestampToText(*name.time),
                  next.has_value() ? TimestampToText(next->snapshot.stored_at) : "a later time"));
}

#undef STORED_SNAPSHOT

}  // namespace

absl::StatusOr<FoundSnapshot> FindSnapshot(Database& database, const PresentRun& run,
                                           const SnapshotName& name) {
  if (!name.tag.empty()) return FindTag(database, run, name);
  if (name.time.has_value()) return FindTime(database, run, name);
  STORED_ASSIGN_OR_RETURN(const std::optional<FoundSnapshot> newest,
                          FindNext(database, run, run.latest_history_id - 1));
  if (newest.has_value()) return *newest;
  // A damaged database; `stored check` says so.
  return FoundSnapshot{run.latest_history_id, {run.store_count, {}, "", /*newest=*/true}};
}

}  // namespace stored::storage::sqlite
