#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "reports/report.h"
#include "storage/ingest/ingest_transaction.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// IngestTransaction::MissingContents. A content that the table `unreferenced` lists is not missing.
absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
    Database& database, const std::vector<reports::SourceFile>& files);

// IngestTransaction::InsertContent.
absl::StatusOr<bool> InsertContent(Database& database, const Sha256Digest& digest,
                                   std::string_view zstd, uint64_t size);

// IngestTransaction::WriteFileVersions. file_ids[i] is the id of files[i].
absl::Status WriteFileVersions(Database& database, const HistoryEntry& entry,
                               const std::vector<reports::SourceFile>& files,
                               const std::vector<int64_t>& file_ids);

}  // namespace stored::storage::sqlite
