#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "reports/report.h"
#include "storage/sqlite/connection/database.h"

namespace stored::storage::sqlite {

// Those of the files' digests, of which the database has no content. A content that nothing has
// mentioned for a while (`unreferenced`) is there.
absl::StatusOr<absl::flat_hash_set<Sha256Digest>> MissingContents(
    Database& database, const std::vector<reports::SourceFile>& files);

// Keeps a content; false when it is there already. `zstd` is kept as it is.
absl::StatusOr<bool> InsertContent(Database& database, const Sha256Digest& digest,
                                   std::string_view zstd, uint64_t size);

// Notes which contents the files have in the run from the store `history_id` on, where that is not
// what they had, and that these contents are mentioned. `file_ids` are those of `files`, one by
// one. Of a path that is there twice the first counts.
absl::Status WriteFileVersions(Database& database, int64_t run_id, int64_t history_id,
                               const std::vector<reports::SourceFile>& files,
                               const std::vector<int64_t>& file_ids);

}  // namespace stored::storage::sqlite
