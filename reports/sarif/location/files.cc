#include "reports/sarif/location/files.h"

#include <fmt/format.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "base/text/text.h"

namespace stored::reports::sarif {
namespace {

// Decodes Base64 in place. Returns false if the content is not Base64.
bool Decode(std::string& content) {
  std::string decoded;
  if (!absl::Base64Unescape(absl::string_view(content.data(), content.size()), &decoded)) {
    return false;
  }
  content = std::move(decoded);
  return true;
}

// Enough for archives within archives; a longer chain is taken for a cycle.
constexpr int kMaxArtifactNesting = 16;

}  // namespace

absl::Status CopyBudget::Take(uint64_t bytes) {
  if (bytes > left_) {
    return absl::ResourceExhaustedError(
        "the results refer to the same long texts too often: with all copies written out, they "
        "would be many times as large as the log");
  }
  left_ -= bytes;
  return absl::OkStatus();
}

FileIndex FileTable::Add(std::string_view path) {
  const auto [entry, added] = by_path_.try_emplace(path, static_cast<FileIndex>(size()));
  if (added) new_.push_back(NamedSource{entry->first, std::nullopt, ""});
  return entry->second;
}

void FileTable::SetContent(FileIndex file, std::string content) {
  new_[file - taken_].content = std::move(content);
}

void FileTable::SetBelowBase(FileIndex file, std::string path) {
  if (file >= taken_) new_[file - taken_].below_base = std::move(path);
}

std::vector<NamedSource> FileTable::TakeNew() {
  taken_ = size();
  return std::exchange(new_, {});
}

ArtifactFiles::ArtifactFiles(Run& run, FileTable& table, CopyBudget& budget, const Limits& limits,
                             Warnings& warnings)
    : run_(run), table_(table), budget_(budget), limits_(limits), warnings_(warnings) {}

absl::Status ArtifactFiles::IndexContents() {
  std::vector<Artifact>& artifacts = run_.artifacts();
  for (size_t i = 0; i < artifacts.size(); ++i) {
    std::optional<std::string>& content = artifacts[i].content;
    if (!content.has_value()) continue;
    STORED_ASSIGN_OR_RETURN(std::string path, PathOfArtifact(i));
    STORED_RETURN_IF_ERROR(budget_.Take(path.size()));
    if (artifacts[i].content_is_base64 && !Decode(*content)) {
      warnings_.Add(
          fmt::format("artifacts[{}]: the content of {} is left out: contents.binary is "
                      "not Base64",
                      i, path));
      content.reset();
      continue;
    }
    if (content->size() > limits_.max_source_bytes) {
      warnings_.Add(
          fmt::format("artifacts[{}]: the content of {} is left out: {} bytes, at most {}", i, path,
                      content->size(), limits_.max_source_bytes));
      content.reset();
    } else if (!path.empty()) {
      contents_.try_emplace(std::move(path), i);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<FileIndex>> ArtifactFiles::Find(std::string_view uri,
                                                             std::string_view uri_base_id,
                                                             int64_t index) {
  if (uri.empty() && (index >= 0 || uri_base_id.empty())) return FindByIndex(index);
  if (const Artifact* const nested = NestedArtifact(index)) {
    if (nested->location.uri.empty()) {
      // Only the location says where in the other artifact it is.
      const int64_t parent = nested->parent_index;
      STORED_ASSIGN_OR_RETURN(std::string path, PathOfArtifact(static_cast<size_t>(parent)));
      const std::string part = PathOf(uri, "");
      if (!path.empty() && !part.starts_with('/')) path += '/';
      path += part;
      return Intern(path);
    }
    return FindByIndex(index);
  }
  return FindByUri(uri, uri_base_id);
}

const Artifact* ArtifactFiles::NestedArtifact(int64_t index) const {
  const std::vector<Artifact>& artifacts = run_.artifacts();
  if (index < 0 || static_cast<uint64_t>(index) >= artifacts.size()) return nullptr;
  const Artifact& artifact = artifacts[static_cast<size_t>(index)];
  const bool is_nested =
      artifact.parent_index >= 0 && static_cast<uint64_t>(artifact.parent_index) < artifacts.size();
  return is_nested ? &artifact : nullptr;
}

absl::StatusOr<std::optional<FileIndex>> ArtifactFiles::FindByUri(std::string_view uri,
                                                                  std::string_view uri_base_id) {
  FilesByUri& files = by_uri_[uri_base_id];
  const auto known = files.find(uri);
  if (known != files.end()) return known->second;
  const std::string path = PathOf(uri, uri_base_id);
  if (path.empty()) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(const FileIndex file, Intern(path));
  if (!uri_base_id.empty()) {
    std::string below = PathOf(uri, "");
    if (below != path) table_.SetBelowBase(file, std::move(below));
  }
  files.try_emplace(std::string(uri), file);
  return file;
}

absl::StatusOr<std::optional<FileIndex>> ArtifactFiles::FindByIndex(int64_t index) {
  if (index < 0) return std::nullopt;
  if (static_cast<uint64_t>(index) >= run_.artifacts().size()) {
    warnings_.AddOneOfMany(fmt::format("an artifact index is {}, but the run has {} artifacts",
                                       index, run_.artifacts().size()));
    return std::nullopt;
  }
  const auto place = static_cast<size_t>(index);
  const auto known = by_index_.find(place);
  if (known != by_index_.end()) return known->second;
  STORED_ASSIGN_OR_RETURN(std::string path, PathOfArtifact(place));
  if (path.empty()) return std::nullopt;
  STORED_ASSIGN_OR_RETURN(const FileIndex file, Intern(path));
  by_index_.try_emplace(place, file);
  return file;
}

std::string ArtifactFiles::PathOf(std::string_view uri, std::string_view uri_base_id) const {
  absl::StatusOr<std::string> path = PathOfUri(run_.bases().Resolve(uri, uri_base_id));
  if (path.ok()) return *std::move(path);
  warnings_.AddOneOfMany(std::string(path.status().message()));
  return "";
}

absl::StatusOr<std::string> ArtifactFiles::NameOf(std::string_view uri_base_id, int64_t index) {
  const std::vector<Artifact>& artifacts = run_.artifacts();
  std::string_view name = uri_base_id;
  if (index >= 0 && static_cast<uint64_t>(index) < artifacts.size()) {
    const Artifact& artifact = artifacts[static_cast<size_t>(index)];
    if (!artifact.location.description.empty()) name = artifact.location.description;
    if (!artifact.description.empty()) name = artifact.description;
  }
  STORED_RETURN_IF_ERROR(budget_.Take(name.size()));
  return std::string(name);
}

void ArtifactFiles::SetUnits(TextSpan& span) const {
  span.column_unit = run_.column_unit();
  if (span.unit != TextUnit::kByte) span.unit = span.column_unit;
}

absl::StatusOr<std::string> ArtifactFiles::PathOfArtifact(size_t index) const {
  const std::vector<Artifact>& artifacts = run_.artifacts();
  const size_t innermost = index;
  std::string path;
  for (int nesting = 0; nesting < kMaxArtifactNesting; ++nesting) {
    const Artifact& artifact = artifacts[index];
    const ArtifactReference& location = artifact.location;
    std::string part = PathOf(location.uri, location.uri_base_id);
    // Section 3.24.3: the path of a nested artifact starts at the root of the artifact around it.
    if (!path.empty() && !part.empty() && !path.starts_with('/')) part += '/';
    path.insert(0, part);
    STORED_RETURN_IF_ERROR(CheckLength(path));
    if (artifact.parent_index < 0) return path;
    if (static_cast<uint64_t>(artifact.parent_index) >= artifacts.size()) {
      warnings_.AddOneOfMany(
          fmt::format("artifacts[{}].parentIndex is {}, but the run has {} artifacts", index,
                      artifact.parent_index, artifacts.size()));
      return path;
    }
    index = static_cast<size_t>(artifact.parent_index);
  }
  warnings_.AddOneOfMany(fmt::format(
      "artifacts[{}] is nested in itself, or too deep; it is taken for a file of its own",
      innermost));
  const ArtifactReference& location = artifacts[innermost].location;
  return PathOf(location.uri, location.uri_base_id);
}

absl::Status ArtifactFiles::CheckLength(std::string_view path) const {
  if (path.size() <= limits_.max_path_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format("a path has {} bytes; at most {} are kept: {}...",
                                                  path.size(), limits_.max_path_bytes,
                                                  Utf8Prefix(path, 100)));
}

absl::StatusOr<FileIndex> ArtifactFiles::Intern(std::string_view path) {
  STORED_RETURN_IF_ERROR(CheckLength(path));
  STORED_RETURN_IF_ERROR(budget_.Take(path.size()));
  const auto content = contents_.find(path);
  const FileIndex file = table_.Add(path);
  if (content != contents_.end()) {
    table_.SetContent(file, *std::move(run_.artifacts()[content->second].content));
    contents_.erase(content);
  }
  return file;
}

}  // namespace stored::reports::sarif
