#include "storage/sqlite/results/product_schema.h"

namespace stored::storage::sqlite {
namespace {

// Every store writes a run_history row; latest_history_id is the run's newest. Ids come from
// AUTOINCREMENT where clients see them or a page token holds them: they are never used twice.
//
// A report's detection status is not a column, because it would change for every report of a run
// with every store, and most stores change nothing else. It follows from three columns that stay as
// they are: `state`; `opened_by`, the store (run_history.id) that first had the report or had it
// again; and `reopened`, which tells the two apart. An open report is NEW or REOPENED while
// opened_by is the run's latest store, and UNRESOLVED from the next one on. `closed_by` is the
// store that first lacked it.
//
// report_hash is a BLOB of 16 bytes if it is 32 lower-case hexadecimal digits, and TEXT otherwise.
// identity tells reports of one hash apart (reports/identity.h). bug_path is EncodeBugPath's, with
// files.id as file indices; it is only read with its report. Long columns come last: a scan that
// needs none of them reads none of their overflow pages.
//
// reports_by_run has, in the order of the ids, all columns that comparing a store and filtering
// reports read, so that neither reads the rows themselves. Ids of a store grow, so an ingest
// appends to it.
//
// file_versions: the content that a file of a run has from a store on, until the next row. A row is
// written only when the content changes, so a closed report still finds the source as it was (the
// newest row before closed_by) without an unchanged report ever being rewritten. sha256 is NULL if
// the source was not found; the content may be missing in `contents` if no client sent it.
//
// ingested: the result of each store whose results are in this database. It is committed with them:
// a WAL commit does not span meta.db and this file, so recovery reads this table before it runs a
// store again.
//
// Foreign keys are declared for the reader and not enforced: garbage collection looks for
// references before it removes a row. from_history and ingested.history_id are numbers in the order
// of the stores, and stay when garbage collection removes the entry.
constexpr char kProductVersion1[] = R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  latest_history_id INTEGER NOT NULL,
  store_count INTEGER NOT NULL,
  open_reports INTEGER NOT NULL,
  reports INTEGER NOT NULL
) STRICT;

CREATE TABLE run_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  store_number INTEGER NOT NULL,
  token TEXT NOT NULL,
  tag TEXT NOT NULL,
  description TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  analyzers BLOB NOT NULL,
  analyses BLOB NOT NULL,
  UNIQUE (run_id, store_number)
) STRICT;
CREATE UNIQUE INDEX run_history_by_tag ON run_history (run_id, tag) WHERE tag <> '';

CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE contents (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  zstd BLOB NOT NULL
) STRICT;

CREATE TABLE file_versions (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  file_id INTEGER NOT NULL REFERENCES files (id),
  from_history INTEGER NOT NULL REFERENCES run_history (id),
  sha256 BLOB,
  PRIMARY KEY (run_id, file_id, from_history)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkers (
  id INTEGER PRIMARY KEY,
  analyzer TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (analyzer, name)
) STRICT;

CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  checker_id INTEGER NOT NULL REFERENCES checkers (id),
  file_id INTEGER NOT NULL REFERENCES files (id),
  line INTEGER NOT NULL,
  col INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  opened_by INTEGER NOT NULL REFERENCES run_history (id),
  closed_by INTEGER REFERENCES run_history (id),
  review_status INTEGER NOT NULL,
  review_in_source INTEGER NOT NULL,
  detected_at INTEGER NOT NULL,
  fixed_at INTEGER,
  bug_path_length INTEGER NOT NULL,
  report_hash ANY NOT NULL,
  identity BLOB NOT NULL,
  category TEXT NOT NULL,
  type TEXT NOT NULL,
  message TEXT NOT NULL,
  review_comment TEXT NOT NULL,
  annotations BLOB NOT NULL,
  bug_path BLOB NOT NULL
) STRICT;
CREATE INDEX reports_by_run ON reports (
  run_id, id, state, reopened, opened_by, checker_id, file_id, severity, review_status,
  report_hash, identity
);

CREATE TABLE ingested (
  token TEXT PRIMARY KEY,
  history_id INTEGER NOT NULL REFERENCES run_history (id),
  result BLOB NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// runs.expire_after: lifetime since the newest store, microseconds; NULL is for ever.
//
// removed_runs: runs whose row in `runs`, and with it their name, is gone while other rows of
// theirs remain. So no query needs to know of them.
//
// unreferenced: contents to which no file version refers, and the time when that was found. Clients
// are told that these are missing. Garbage collection removes them when no client can still rely on
// having been told that they are there. A transaction that writes a file version with such a
// content deletes the content's row here.
//
// reports_closed finds the reports that have been closed for long enough, and the entries to which
// the others refer.
constexpr char kProductVersion2[] = R"sql(
ALTER TABLE runs ADD COLUMN expire_after INTEGER;

CREATE TABLE removed_runs (
  run_id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE unreferenced (
  sha256 BLOB PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX file_versions_by_content ON file_versions (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX reports_closed ON reports (run_id, fixed_at, opened_by, closed_by) WHERE state <> 0;
)sql";

// reports.content_digest is reports::Report's, and NULL in rows of older versions: their content
// counts as changed in the next store that has them. It is in reports_by_run because a store
// compares it for every report of the run.
//
// reports.severity is the number of a reports::Severity, plus kDefaultSeverityBit
// (severity_column.h) if it is only what the format says of results that state none.
//
// run_history.analyzed_files, failed_files: source files that the analyzers were run on, and those
// of them that could not be analysed; 0 if the analysis did not say.
constexpr char kProductVersion3[] = R"sql(
ALTER TABLE reports ADD COLUMN logical_location TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN content_digest INTEGER;
DROP INDEX reports_by_run;
CREATE INDEX reports_by_run ON reports (
  run_id, id, state, reopened, opened_by, checker_id, file_id, severity, review_status,
  report_hash, identity, content_digest
);
ALTER TABLE run_history ADD COLUMN analyzed_files INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_history ADD COLUMN failed_files INTEGER NOT NULL DEFAULT 0;
)sql";

// A snapshot of a run is its state after one of its stores, and never changes while that store's
// history entry remains. Rows of `reports` are as they are now; past_reports has what they were
// before. Both have these columns, by which a snapshot after the store H finds the row that held:
//
//   valid_from   the store from which on the row holds, in `reports` NULL for opened_by. Rows of
//                older versions have NULL: how they came about is not known.
//   valid_until  the store that changed or removed the report; the row holds before it.
//   closed_by    If H is before it, the report was open after H. So closing a report, the most
//                frequent change, needs no row in past_reports.
//
// A row of past_reports whose bug_path is NULL has that of the report's next row: a store that only
// changes states copies no path. valid_from and closed_by are in reports_by_run so that a snapshot
// reads only the index; both are NULL in most rows.
//
// run_history.past_kept is 0 for stores of older versions, except each run's newest: reports that
// have been reopened, replaced or rewritten since then are missing from their snapshots, or are
// there as they became.
//
// run_history.new_reports to unavailable_reports are the counts of StoreResult; NULL for stores of
// older versions.
constexpr char kProductVersion4[] = R"sql(
ALTER TABLE run_history ADD COLUMN past_kept INTEGER NOT NULL DEFAULT 1;
UPDATE run_history SET past_kept = 0 WHERE id NOT IN (SELECT latest_history_id FROM runs);
ALTER TABLE run_history ADD COLUMN new_reports INTEGER;
ALTER TABLE run_history ADD COLUMN unresolved_reports INTEGER;
ALTER TABLE run_history ADD COLUMN reopened_reports INTEGER;
ALTER TABLE run_history ADD COLUMN resolved_reports INTEGER;
ALTER TABLE run_history ADD COLUMN off_reports INTEGER;
ALTER TABLE run_history ADD COLUMN unavailable_reports INTEGER;
ALTER TABLE reports ADD COLUMN valid_from INTEGER;
DROP INDEX reports_by_run;
CREATE INDEX reports_by_run ON reports (
  run_id, id, state, reopened, opened_by, checker_id, file_id, severity, review_status,
  report_hash, identity, content_digest, valid_from, closed_by
);

CREATE TABLE past_reports (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  report_id INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  checker_id INTEGER NOT NULL REFERENCES checkers (id),
  file_id INTEGER NOT NULL REFERENCES files (id),
  line INTEGER NOT NULL,
  col INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  opened_by INTEGER NOT NULL,
  closed_by INTEGER,
  review_status INTEGER NOT NULL,
  review_in_source INTEGER NOT NULL,
  detected_at INTEGER NOT NULL,
  fixed_at INTEGER,
  bug_path_length INTEGER NOT NULL,
  report_hash ANY NOT NULL,
  category TEXT NOT NULL,
  type TEXT NOT NULL,
  message TEXT NOT NULL,
  review_comment TEXT NOT NULL,
  annotations BLOB NOT NULL,
  logical_location TEXT NOT NULL,
  bug_path BLOB
) STRICT;
CREATE INDEX past_reports_by_run ON past_reports (
  run_id, report_id, valid_from, valid_until, state, reopened, opened_by, closed_by, checker_id,
  file_id, severity, review_status, report_hash
);
)sql";

constexpr const char* kProductMigrations[] = {kProductVersion1, kProductVersion2, kProductVersion3,
                                              kProductVersion4};

}  // namespace

const Schema& ProductSchema() {
  static constexpr Schema kSchema = {0x53545031, "a product's results", 4096, kProductMigrations};
  return kSchema;
}

}  // namespace stored::storage::sqlite
