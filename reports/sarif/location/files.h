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

// Bounds what a log makes of little text by referring to the same text again and again: a message
// string, a rule's name, a cached location. Such copies may come to some 64 MiB and several times
// the log, far more than a log of use makes of them.
class CopyBudget {
 public:
  explicit CopyBudget(uint64_t log_bytes) : left_((uint64_t{64} << 20) + 8 * log_bytes) {}

  absl::Status Take(uint64_t bytes);

 private:
  uint64_t left_;
};

// The files that a log's results name, each path once.
class FileTable {
 public:
  FileIndex Add(std::string_view path);
  // For a file that has not been taken.
  void SetContent(FileIndex file, std::string content);
  // NamedSource::below_base, for a file that has not been taken; it has no effect on others.
  void SetBelowBase(FileIndex file, std::string path);

  size_t size() const { return taken_ + new_.size(); }
  // The files that were added since the last call.
  std::vector<NamedSource> TakeNew();

 private:
  size_t taken_ = 0;
  std::vector<NamedSource> new_;
  StringMap<FileIndex> by_path_;
};

// Finds the file of an artifactLocation of one run.
class ArtifactFiles {
 public:
  // All five outlive it. The contents that `run` embeds move to `table` with the first use of
  // their file.
  ArtifactFiles(Run& run, FileTable& table, CopyBudget& budget, const Limits& limits,
                Warnings& warnings);

  // Must come first. A content over max_source_bytes is left out with a warning.
  absl::Status IndexContents();

  // The file at `uri` below the base `uri_base_id`, or without a URI the one of
  // run.artifacts[index], or the base itself (SARIF section 3.4). An artifact that is nested in
  // another one is a file below that. Nothing when the location names none, or with a warning one
  // that is not there. RESOURCE_EXHAUSTED for a path that is too long.
  absl::StatusOr<std::optional<FileIndex>> Find(std::string_view uri, std::string_view uri_base_id,
                                                int64_t index);
  absl::StatusOr<std::optional<FileIndex>> Find(const ArtifactReference& reference) {
    return Find(reference.uri, reference.uri_base_id, reference.index);
  }

  // What the artifact of a location that names no file is called: what describes it, or the base.
  absl::StatusOr<std::string> NameOf(std::string_view uri_base_id, int64_t index);
  // The file with an empty path, which stands for what is in no file.
  FileIndex NoFile() { return table_.Add(""); }

  // Sets the units of a span in characters, and of columns, to those of the run.
  void SetUnits(TextSpan& span) const;

  // Files in the table so far.
  size_t file_count() const { return table_.size(); }

 private:
  using FilesByUri = StringMap<FileIndex>;

  absl::StatusOr<std::optional<FileIndex>> FindByIndex(int64_t index);
  // Of a location that has a URI.
  absl::StatusOr<std::optional<FileIndex>> FindByUri(std::string_view uri,
                                                     std::string_view uri_base_id);
  // The artifact of that index when it is nested in another one, else null.
  const Artifact* NestedArtifact(int64_t index) const;
  // Empty when the artifact has no location.
  absl::StatusOr<std::string> PathOfArtifact(size_t index) const;
  // The path of `uri` below a base; empty, with a warning, when it has none.
  std::string PathOf(std::string_view uri, std::string_view uri_base_id) const;
  absl::Status CheckLength(std::string_view path) const;
  absl::StatusOr<FileIndex> Intern(std::string_view path);

  Run& run_;
  FileTable& table_;
  CopyBudget& budget_;
  const Limits& limits_;
  Warnings& warnings_;
  // By base, then by URI.
  StringMap<FilesByUri> by_uri_;
  absl::flat_hash_map<size_t, FileIndex> by_index_;
  // Artifacts with contents, by path.
  StringMap<size_t> contents_;
};

}  // namespace stored::reports::sarif
