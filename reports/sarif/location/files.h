#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"
#include "reports/sarif/json/string_map.h"
#include "reports/sarif/json/warnings.h"
#include "reports/sarif/run/run.h"
#include "reports/text_index.h"

namespace stored::reports::sarif {

// Bounds the memory that a log can claim by referring to the same text again and again: a message
// string, a rule's name, a cached location. Such copies may come to 64 MiB plus eight times the
// log's size, far more than real logs need.
class CopyBudget {
 public:
  explicit CopyBudget(uint64_t log_bytes) : left_((uint64_t{64} << 20) + 8 * log_bytes) {}

  absl::Status Take(uint64_t bytes);

 private:
  uint64_t left_;
};

// The files that a log's results name, with each path once.
class FileTable {
 public:
  // Returns the index of the file with this path, adding it if it is new.
  FileIndex Add(std::string_view path);
  // Sets the content of a file. REQUIRES: TakeNew() has not returned the file.
  void SetContent(FileIndex file, std::string content);
  // Sets NamedSource::below_base. Has no effect if TakeNew() has returned the file.
  void SetBelowBase(FileIndex file, std::string path);

  size_t size() const { return taken_ + new_.size(); }
  // Returns the files that were added since the last call.
  std::vector<NamedSource> TakeNew();

 private:
  size_t taken_ = 0;
  std::vector<NamedSource> new_;
  StringMap<FileIndex> by_path_;
};

// Finds the file that an artifactLocation of one run names.
class ArtifactFiles {
 public:
  // All five must outlive this object. The contents that `run` embeds are moved to `table` when
  // their file is first used.
  ArtifactFiles(Run& run, FileTable& table, CopyBudget& budget, const Limits& limits,
                Warnings& warnings);

  // Must be called first. A content over max_source_bytes is left out with a warning.
  absl::Status IndexContents();

  // Returns the file at `uri` below the base `uri_base_id`; without a URI, that of
  // run.artifacts[index], or the base itself (SARIF section 3.4). An artifact that is nested in
  // another one is a file below that one. Returns nothing if the location does not name a file, or,
  // with a warning, if the artifact does not exist. RESOURCE_EXHAUSTED if the path is too long.
  absl::StatusOr<std::optional<FileIndex>> Find(std::string_view uri, std::string_view uri_base_id,
                                                int64_t index);
  absl::StatusOr<std::optional<FileIndex>> Find(const ArtifactReference& reference) {
    return Find(reference.uri, reference.uri_base_id, reference.index);
  }

  // Returns a name for the artifact of a location that does not name a file: its description, or
  // the base.
  absl::StatusOr<std::string> NameOf(std::string_view uri_base_id, int64_t index);
  // Returns the file with an empty path, which stands for findings that are in no file.
  FileIndex NoFile() { return table_.Add(""); }

  // Sets the units of a span in characters, and of columns, to those of the run.
  void SetUnits(TextSpan& span) const;

  // Returns the number of files in the table so far.
  size_t file_count() const { return table_.size(); }

 private:
  using FilesByUri = StringMap<FileIndex>;

  absl::StatusOr<std::optional<FileIndex>> FindByIndex(int64_t index);
  // REQUIRES: the location has a URI.
  absl::StatusOr<std::optional<FileIndex>> FindByUri(std::string_view uri,
                                                     std::string_view uri_base_id);
  // Returns the artifact at `index` if it is nested in another one, else null.
  const Artifact* NestedArtifact(int64_t index) const;
  // Returns an empty path if the artifact does not have a location.
  absl::StatusOr<std::string> PathOfArtifact(size_t index) const;
  // Returns the path of `uri` below a base; empty, with a warning, if it does not have one.
  std::string PathOf(std::string_view uri, std::string_view uri_base_id) const;
  absl::Status CheckLength(std::string_view path) const;
  absl::StatusOr<FileIndex> Intern(std::string_view path);

  Run& run_;
  FileTable& table_;
  CopyBudget& budget_;
  const Limits& limits_;
  Warnings& warnings_;
  // Keyed by base, then by URI.
  StringMap<FilesByUri> by_uri_;
  absl::flat_hash_map<size_t, FileIndex> by_index_;
  // Indices of artifacts with contents, by path.
  StringMap<size_t> contents_;
};

}  // namespace stored::reports::sarif
