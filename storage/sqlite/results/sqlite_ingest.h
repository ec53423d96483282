#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/sqlite/connection/connections.h"

namespace stored::storage::sqlite {

// The statements of an ingest into a product's database. Its commits leave the write-ahead log to
// Writer::Checkpoint, because a client waits for the outcome of the store. Both arguments outlive
// the object.
class SqliteIngestDatabase final : public IngestDatabase {
 public:
  SqliteIngestDatabase(Writer& writer, ReaderPool& readers) : writer_(writer), readers_(readers) {}

  absl::Status Read(absl::FunctionRef<absl::Status(IngestSnapshot&)> body) override;
  absl::Status Write(absl::FunctionRef<bool()> cancelled,
                     absl::FunctionRef<absl::Status(IngestTransaction&)> body) override;

 private:
  Writer& writer_;
  ReaderPool& readers_;
};

}  // namespace stored::storage::sqlite
