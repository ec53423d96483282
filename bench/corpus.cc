#include "bench/corpus.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "base/status.h"
#include "base/testing/build_paths.h"
#include "bench/process.h"
#include "reports/bundle/bundle_writer.h"
#include "reports/collect/collector.h"
#include "reports/inputs/inputs.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/limits.h"
#include "reports/plist/plist_reader.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kDiagnosticsOfCopy = 14'313;
constexpr std::string_view kFilesKey = "<key>files</key>";
constexpr std::string_view kHashKey = "<key>issue_hash_content_of_line_in_context</key>";
constexpr std::string_view kOpen = "<string>";
constexpr std::string_view kClose = "</string>";
// In a changed corpus, one in this many reports differs.
constexpr unsigned kChangedOneIn = 100;

absl::Status WriteWhole(const std::string& path, std::string_view text) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC));
  return WriteAt(fd.get(), text, 0, path);
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  return error ? ErrnoStatus(error.value(), path) : absl::OkStatus();
}

bool IsSystemHeader(std::string_view path) { return path.starts_with("/usr/"); }

// Returns the longest common directory of two paths, up to and including a '/'.
std::string CommonDirectory(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  const std::string common(a.begin(), end);
  return common.substr(0, common.rfind('/') + 1);
}

// Returns a different hash of the same length as `hash`.
std::string HashOfCopy(const std::string& hash, int copy, bool changed) {
  const Sha256Digest digest = Sha256::Of(fmt::format("{}:{}", hash, copy));
  const bool differs = changed && (digest.bytes[30] * 256u + digest.bytes[31]) % kChangedOneIn == 0;
  const std::string hex = differs ? Sha256::Of(digest.Raw()).Hex() : digest.Hex();
  return hex.substr(0, hash.size());
}

// Collects the highest line that `report` names in each of its files.
template <typename Note>
void ForEachLine(const reports::Report& report, Note note) {
  note(report.location.file, report.location.line);
  const auto event = [&](const reports::BugPathEvent& step) {
    note(step.location.file, step.location.line);
    for (const reports::Range& range : step.ranges) note(range.file, range.end_line);
  };
  std::for_each(report.bug_path.events.begin(), report.bug_path.events.end(), event);
  std::for_each(report.bug_path.notes.begin(), report.bug_path.notes.end(), event);
  for (const reports::Range& range : report.bug_path.positions) note(range.file, range.end_line);
  for (const reports::MacroExpansion& macro : report.bug_path.macro_expansions) {
    note(macro.location.file, macro.location.line);
  }
}

}  // namespace

absl::StatusOr<ReportsDirectory> ReportsDirectory::Find(const std::string& path) {
  if (!path.empty()) return ReportsDirectory(path, std::nullopt);
  const std::string archive = SourcePath("../shared/data/leveldb-reports.tar.zst");
  if (!fs::exists(archive)) {
    return ReportsDirectory(SourcePath("samples/reports"), std::nullopt);
  }
  STORED_ASSIGN_OR_RETURN(TemporaryDirectory unpacked,
                          TemporaryDirectory::Create("", "stored-bench-"));
  STORED_RETURN_IF_ERROR(Run({"tar", "--zstd", "-xf", archive, "-C", unpacked.path()}).status());
  std::string reports = unpacked.path() + "/leveldb-reports";
  return ReportsDirectory(std::move(reports), std::move(unpacked));
}

absl::StatusOr<CorpusMaker> CorpusMaker::Load(const std::string& reports) {
  std::error_code error;
  const std::string directory = fs::canonical(reports, error).string();
  if (error) return ErrnoStatus(error.value(), reports);
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".plist") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  CorpusMaker maker;
  for (const std::string& name : names) {
    STORED_RETURN_IF_ERROR(maker.AddFile(directory, name));
  }
  if (maker.diagnostics_ == 0) {
    return absl::InvalidArgumentError(reports + " has no plist with a diagnostic");
  }
  STORED_ASSIGN_OR_RETURN(maker.metadata_, ReadFile(directory + "/metadata.json",
                                                    reports::Limits().max_result_file_bytes));
  maker.FindRoot();
  maker.repeats_ = static_cast<int>(
      std::max<uint64_t>((kDiagnosticsOfCopy + maker.diagnostics_ / 2) / maker.diagnostics_, 1));
  return maker;
}

absl::Status CorpusMaker::AddFile(const std::string& directory, const std::string& name) {
  const reports::Limits limits;
  STORED_ASSIGN_OR_RETURN(const std::string text,
                          ReadFile(directory + "/" + name, limits.max_result_file_bytes));
  STORED_ASSIGN_OR_RETURN(const reports::ResultFile result,
                          reports::ReadPlist(text, name, directory, limits));
  diagnostics_ += result.reports.size();
  bytes_ += text.size();
  for (const reports::Report& report : result.reports) {
    ForEachLine(report, [&](reports::FileIndex file, uint32_t line) {
      uint32_t& lines = lines_[result.files[file].path];
      lines = std::max(lines, line);
    });
  }
  ReportFile& file = files_.emplace_back();
  file.name = name;
  size_t done = 0;
  const size_t files_at = text.find(kFilesKey);
  const size_t files_end = text.find("</array>", files_at);
  // Cuts out the content of the next <string> after `at`.
  const auto cut = [&](size_t at, Piece::Kind kind) {
    const size_t start = text.find(kOpen, at) + kOpen.size();
    const size_t end = text.find(kClose, start);
    file.pieces.push_back({Piece::Kind::kText, text.substr(done, start - done)});
    file.pieces.push_back({kind, text.substr(start, end - start)});
    done = end;
  };
  while (true) {
    const size_t hash = text.find(kHashKey, done);
    size_t path = std::string::npos;
    if (files_at != std::string::npos) path = text.find(kOpen, std::max(done, files_at));
    if (path > files_end) path = std::string::npos;
    if (std::min(hash, path) == std::string::npos) break;
    if (hash < path) {
      cut(hash, Piece::Kind::kHash);
    } else {
      cut(path, Piece::Kind::kPath);
      Piece& cut_path = file.pieces.back();
      if (!cut_path.text.starts_with('/')) cut_path.text = directory + "/" + cut_path.text;
      cut_path.text = reports::NormalizePath(cut_path.text);
    }
  }
  file.pieces.push_back({Piece::Kind::kText, text.substr(done)});
  return absl::OkStatus();
}

void CorpusMaker::FindRoot() {
  for (const auto& [path, count] : lines_) {
    if (IsSystemHeader(path)) continue;
    if (root_.empty()) {
      root_ = path.substr(0, path.rfind('/') + 1);
    } else {
      root_ = CommonDirectory(root_, path);
    }
  }
}

std::string CorpusMaker::MovedPath(const std::string& path, const std::string& root) const {
  return path.starts_with(root_) ? root + path.substr(root_.size() - 1) : path;
}

absl::Status CorpusMaker::WriteSources(int copy, const std::string& root) const {
  std::string text;
  for (const auto& [path, lines] : lines_) {
    const std::string target = MovedPath(path, root);
    if (target == path) continue;
    STORED_RETURN_IF_ERROR(MakeDirectories(target.substr(0, target.rfind('/'))));
    const std::string_view name = std::string_view(path).substr(root_.size());
    text.clear();
    for (uint32_t line = 1; line <= lines + 1; ++line) {
      fmt::format_to(std::back_inserter(text), "/* {}:{}:{} */ int value_{} = compute({}, {});\n",
                     copy, name, line, line, line, line * 7919 % 104729);
    }
    STORED_RETURN_IF_ERROR(WriteWhole(target, text));
  }
  return absl::OkStatus();
}

absl::Status CorpusMaker::WriteReports(int copy, bool changed, const std::string& root,
                                       const std::string& directory) const {
  std::string text;
  for (const ReportFile& file : files_) {
    text.clear();
    for (const Piece& piece : file.pieces) {
      switch (piece.kind) {
        case Piece::Kind::kText:
          text += piece.text;
          break;
        case Piece::Kind::kPath:
          text += MovedPath(piece.text, root);
          break;
        case Piece::Kind::kHash:
          text += HashOfCopy(piece.text, copy, changed);
          break;
      }
    }
    STORED_RETURN_IF_ERROR(WriteWhole(fmt::format("{}/{}_{}", directory, copy, file.name), text));
  }
  return absl::OkStatus();
}

absl::Status CorpusMaker::Make(int copies, bool changed, const std::string& directory) const {
  const std::string reports = directory + (changed ? "/changed" : "/reports");
  STORED_RETURN_IF_ERROR(MakeDirectories(reports));
  STORED_RETURN_IF_ERROR(WriteWhole(reports + "/metadata.json", metadata_));
  for (int copy = 0; copy < copies * repeats_; ++copy) {
    const std::string root = fmt::format("{}/src/{}", directory, copy);
    if (!changed) STORED_RETURN_IF_ERROR(WriteSources(copy, root));
    STORED_RETURN_IF_ERROR(WriteReports(copy, changed, root, reports));
  }
  return absl::OkStatus();
}

absl::Status MakeCorpus(const std::string& reports, int copies, const std::string& directory) {
  STORED_ASSIGN_OR_RETURN(const CorpusMaker maker, CorpusMaker::Load(reports));
  return maker.Make(copies, /*changed=*/false, directory);
}

absl::Status BundleReports(const std::string& directory, const std::string& path) {
  reports::InputOptions options;
  options.source_roots = {fs::path(directory).parent_path().string()};
  STORED_ASSIGN_OR_RETURN(const reports::Inputs inputs, reports::FindInputs({directory}, options));
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDWR | O_CREAT | O_EXCL));
  reports::BundleWriter writer(fd.get(), path);
  reports::Collector collector(inputs, {}, writer);
  STORED_RETURN_IF_ERROR(collector.Collect());
  STORED_RETURN_IF_ERROR(collector.SendContents(collector.Sources()));
  return collector.Finish();
}

}  // namespace stored::bench
