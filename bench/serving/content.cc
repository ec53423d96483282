#include "bench/serving/content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/crc32c.h"
#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "reports/bundle/bundle_writer.h"

namespace stored::bench {
namespace {

// The size of storectl's chunks.
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int kFiles = 1000;
constexpr int kCheckers = 100;
constexpr int kSteps = 5;
constexpr uint64_t kMaxBundleBytes = uint64_t{4} << 30;

std::string Noise(size_t size) {
  std::mt19937_64 random(1);
  std::string noise(size, '\0');
  std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
  return noise;
}

reports::Report MakeReport(int number) {
  const auto file = static_cast<reports::FileIndex>(number % kFiles);
  const auto line = static_cast<uint32_t>(number / kFiles + 1);
  reports::Report report;
  report.report_hash = fmt::format("{:032x}", static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15U);
  report.checker_name = fmt::format("group.Checker{}", number % kCheckers);
  report.analyzer_name = "clangsa";
  report.category = "Logic error";
  report.message = fmt::format("The left operand of '+' is a garbage value, number {}", number);
  report.severity = reports::Severity::kHigh;
  report.location = {.file = file, .line = line, .column = 7};
  for (uint32_t step = 0; step < kSteps; ++step) {
    const reports::Location at{.file = file, .line = line + step, .column = 3 + step};
    reports::BugPathEvent event;
    event.location = at;
    event.message = fmt::format("Assuming 'value_{}' is greater than {}", line, step);
    event.ranges.push_back({.file = file,
                            .start_line = at.line,
                            .start_column = at.column,
                            .end_line = at.line,
                            .end_column = at.column + 9});
    report.bug_path.positions.push_back(event.ranges.front());
    report.bug_path.events.push_back(std::move(event));
  }
  return report;
}

}  // namespace

Content Content::Of(const std::string& bytes) {
  Content content;
  content.Append(bytes, 1);
  content.Digest();
  return content;
}

Content Content::WithNoise(const std::string& head, uint64_t size) {
  Content content;
  content.Append(head, 1);
  const uint64_t missing = size - std::min<uint64_t>(size, head.size());
  content.Append(Noise(kPieceBytes), static_cast<int>((missing + kPieceBytes - 1) / kPieceBytes));
  content.Digest();
  return content;
}

void Content::Append(const std::string& bytes, int times) {
  const std::string& part = *parts_.emplace_back(std::make_shared<const std::string>(bytes));
  std::vector<Piece> pieces;
  for (size_t at = 0; at < part.size(); at += kPieceBytes) {
    const std::string_view data = std::string_view(part).substr(at, kPieceBytes);
    pieces.push_back({.data = data, .crc32c = Crc32c(data)});
  }
  for (int i = 0; i < times; ++i) {
    pieces_.insert(pieces_.end(), pieces.begin(), pieces.end());
    size_ += part.size();
  }
}

void Content::Digest() {
  Sha256 digest;
  for (const Piece& piece : pieces_) digest.Update(piece.data);
  sha256_ = digest.Finish().Hex();
}

absl::StatusOr<std::string> MakeBundle(int reports, const std::string& directory) {
  const std::string path = directory + "/made.bundle";
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDWR | O_CREAT | O_TRUNC));
  reports::BundleWriter writer(fd.get(), path);
  for (int file = 0; file < kFiles; ++file) {
    STORED_RETURN_IF_ERROR(
        writer.AddFile({.path = fmt::format("/src/part_{}/file_{}.cc", file % 20, file)}));
  }
  for (int i = 0; i < reports; ++i) {
    STORED_RETURN_IF_ERROR(writer.AddReport(MakeReport(i)));
  }
  STORED_RETURN_IF_ERROR(
      writer.Finish({.diagnostics = static_cast<uint64_t>(reports), .result_files = 1}));
  absl::StatusOr<std::string> bundle = ReadFile(path, kMaxBundleBytes);
  ::unlink(path.c_str());
  return bundle;
}

}  // namespace stored::bench
