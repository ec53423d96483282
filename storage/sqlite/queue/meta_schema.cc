#include "storage/sqlite/queue/meta_schema.h"

namespace stored::storage::sqlite {
namespace {

// products.state is a ProductState. After a crash, the next start removes the files of a product
// that was being created or deleted, so that no file is ever taken for that of another product.
//
// stores has one row for each session, also after its end. sequence is the order of acceptance; no
// value is used twice. upload_id is NULL if the client sent none. trim_path_prefixes and result are
// records (record.h). The indexes find the ENQUEUED and RUNNING sessions, and those of a run.
constexpr char kMetaVersion1[] = R"sql(
CREATE TABLE products (
  name TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stores (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  token TEXT NOT NULL UNIQUE,
  upload_id TEXT UNIQUE,
  product TEXT NOT NULL,
  run_name TEXT NOT NULL,
  tag TEXT NOT NULL,
  description TEXT NOT NULL,
  format INTEGER NOT NULL,
  force INTEGER NOT NULL,
  trim_path_prefixes BLOB NOT NULL,
  skip_bad_files INTEGER NOT NULL,
  payload_file TEXT NOT NULL,
  payload_size INTEGER NOT NULL,
  payload_sha256 BLOB NOT NULL,
  state INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  attempts INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  result BLOB,
  error_code INTEGER NOT NULL,
  error_message TEXT NOT NULL
) STRICT;
CREATE INDEX stores_by_state ON stores (state, sequence);
CREATE INDEX stores_by_run ON stores (product, run_name, state);
)sql";

// settings is a record (product_rows.cc). expire_after is in microseconds; it is NULL if the upload
// did not set it and 0 if the run is kept for ever.
//
// stores_by_end finds the sessions that have ended, for garbage collection. stores_by_state has all
// columns that claim_query.cc reads.
constexpr char kMetaVersion2[] = R"sql(
ALTER TABLE products ADD COLUMN settings BLOB NOT NULL DEFAULT x'';
ALTER TABLE stores ADD COLUMN expire_after INTEGER;
CREATE INDEX stores_by_end ON stores (consumed, finished_at) WHERE finished_at IS NOT NULL;
DROP INDEX stores_by_state;
CREATE INDEX stores_by_state ON stores (state, product, sequence, run_name);
)sql";

constexpr const char* kMetaMigrations[] = {kMetaVersion1, kMetaVersion2};

}  // namespace

const Schema& MetaSchema() {
  static constexpr Schema kSchema = {0x53544d31, "stored's queue (meta.db)", 4096, kMetaMigrations};
  return kSchema;
}

}  // namespace stored::storage::sqlite
