#include "reports/bundle/bundle_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/bundle/bundle_format.h"
#include "reports/bundle/bundle_totals.h"
#include "reports/bundle/wire.h"
#include "reports/content_digest.h"
#include "reports/validate.h"

namespace stored::reports {
namespace {

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using DecompressionContext = std::unique_ptr<ZSTD_DCtx, FreeDecompressor>;

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("the bundle is damaged: {}", what));
}

DecompressionContext NewContext() {
  DecompressionContext context(ZSTD_createDCtx());
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxBundleWindowLog);
  return context;
}

absl::Status CheckVersion(const v1::BundleHeader& header) {
  const uint32_t version = header.format_version();
  if (version >= kOldestBundleFormatVersion && version <= kBundleFormatVersion) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("the bundle has format version {}; this program reads versions {} to {}", version,
                  kOldestBundleFormatVersion, kBundleFormatVersion));
}

absl::Status Undecodable() { return Bad("a record cannot be decoded"); }

// The bundle's bytes after decompression, one piece at a time.
class InflatedFile {
 public:
  InflatedFile(UniqueFd fd, std::string path, const Limits& limits)
      : fd_(std::move(fd)),
        path_(std::move(path)),
        limits_(limits),
        context_(NewContext()),
        packed_(ZSTD_DStreamInSize(), '\0') {}

  // Appends at least one byte to `*out`, or nothing at the end of the frame.
  absl::Status Append(std::string* out) {
    while (!frame_ended_) {
      if (in_.pos == in_.size) {
        STORED_RETURN_IF_ERROR(Refill());
        if (in_.size == 0) return Bad("it was cut short");
      }
      const size_t used = out->size();
      out->resize(used + ZSTD_DStreamOutSize());
      ZSTD_outBuffer piece{out->data() + used, out->size() - used, 0};
      const size_t left = ZSTD_decompressStream(context_.get(), &piece, &in_);
      out->resize(used + piece.pos);
      if (ZSTD_isError(left)) return Bad(ZSTD_getErrorName(left));
      unpacked_ += piece.pos;
      STORED_RETURN_IF_ERROR(CheckLimits());
      frame_ended_ = left == 0;
      if (piece.pos > 0) return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // Checks that the file ends where the frame ends.
  // REQUIRES: frame_ended().
  absl::Status ExpectEndOfFile() {
    if (in_.pos == in_.size) STORED_RETURN_IF_ERROR(Refill());
    return in_.pos == in_.size ? absl::OkStatus() : Bad("there is more after its end");
  }

  bool frame_ended() const { return frame_ended_; }

 private:
  absl::Status Refill() {
    STORED_ASSIGN_OR_RETURN(const size_t n,
                            ReadAt(fd_.get(), packed_.data(), packed_.size(), offset_, path_));
    offset_ += n;
    in_ = {packed_.data(), n, 0};
    return absl::OkStatus();
  }

  absl::Status CheckLimits() const {
    if (unpacked_ > limits_.max_unpacked_bytes) {
      return absl::ResourceExhaustedError(fmt::format(
          "the bundle unpacks to more than the limit of {} bytes", limits_.max_unpacked_bytes));
    }
    if (unpacked_ > limits_.ratio_grace_bytes && unpacked_ / limits_.max_unpack_ratio > offset_) {
      return absl::ResourceExhaustedError(
          fmt::format("the bundle unpacks to more than {} times its size, which is the limit",
                      limits_.max_unpack_ratio));
    }
    return absl::OkStatus();
  }

  UniqueFd fd_;
  std::string path_;
  const Limits& limits_;
  DecompressionContext context_;
  std::string packed_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  uint64_t offset_ = 0;
  uint64_t unpacked_ = 0;
  bool frame_ended_ = false;
};

// The length in front of a record: how many bytes it takes (0 if it is malformed), and its value.
struct RecordLength {
  size_t bytes = 0;
  size_t value = 0;
};

// Returns nullopt if `bytes` has only part of the length.
std::optional<RecordLength> ParseLength(std::string_view bytes) {
  size_t value = 0;
  for (size_t i = 0; i < 5; ++i) {
    if (i == bytes.size()) return std::nullopt;
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= static_cast<size_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) return RecordLength{i + 1, value};
  }
  return RecordLength{};
}

// Returns the length of the field `tag` if a record of `size` bytes that starts with `start` has no
// other field, else nullopt.
std::optional<RecordLength> OnlyField(char tag, std::string_view start, size_t size) {
  if (start.empty() || start.front() != tag) return std::nullopt;
  const std::optional<RecordLength> field = ParseLength(start.substr(1));
  const bool alone = field && field->bytes > 0 && 1 + field->bytes + field->value == size;
  return alone ? field : std::nullopt;
}

// Returns the limit for a record of `length` bytes that starts with `start`: the higher one if the
// record is a content and nothing else, else the lower one.
size_t RecordLimit(std::string_view start, size_t length) {
  constexpr char kContentTag = v1::BundleRecord::kContentFieldNumber << 3 | 2;
  return OnlyField(kContentTag, start, length) ? kMaxContentRecordBytes : kMaxRecordBytes;
}

// Returns the encoded report of the record `encoded`, or nullopt if it is another kind of record.
std::optional<std::string_view> ReportIn(std::string_view encoded) {
  constexpr char kReportTag = v1::BundleRecord::kReportFieldNumber << 3 | 2;
  const std::optional<RecordLength> report = OnlyField(kReportTag, encoded, encoded.size());
  return report ? std::optional(encoded.substr(1 + report->bytes)) : std::nullopt;
}

// The arena in which records are decoded, one at a time. A report consists of some dozens of
// messages, which would otherwise be allocated one by one.
class RecordArena {
 public:
  // Returns an empty record. Invalidates the one before.
  v1::BundleRecord& NewRecord() {
    arena_.Reset();
    return *google::protobuf::Arena::CreateMessage<v1::BundleRecord>(&arena_);
  }

 private:
  std::array<char, 16 << 10> block_;
  google::protobuf::Arena arena_{block_.data(), block_.size()};
};

// Checks records one by one and passes them to the sink.
class RecordChecker {
 public:
  RecordChecker(const Limits& limits, ReportSink& sink) : limits_(limits), sink_(sink) {}

  bool ended() const { return stage_ == Stage::kEnded; }

  // `bytes` is the size of the encoded record.
  absl::Status Take(v1::BundleRecord& record, size_t bytes) {
    switch (record.record_case()) {
      case v1::BundleRecord::kHeader:
        return TakeHeader(record.header());
      case v1::BundleRecord::kAnalysis:
        STORED_RETURN_IF_ERROR(Enter(Stage::kReports, "an analysis"));
        STORED_RETURN_IF_ERROR(totals_.AddAnalysis(bytes));
        return sink_.AddAnalysis(wire::FromWire(*record.mutable_analysis()));
      case v1::BundleRecord::kFile:
        STORED_RETURN_IF_ERROR(Enter(Stage::kReports, "a file"));
        return TakeFile(*record.mutable_file());
      case v1::BundleRecord::kReport:
        return TakeReport(*record.mutable_report());
      case v1::BundleRecord::kContent:
        STORED_RETURN_IF_ERROR(Enter(Stage::kContents, "a content"));
        return TakeContent(record.content());
      case v1::BundleRecord::kEnd:
        STORED_RETURN_IF_ERROR(Enter(Stage::kEnded, "the end"));
        return TakeEnd(*record.mutable_end());
      case v1::BundleRecord::RECORD_NOT_SET:
        break;
    }
    return Bad("a record of an unknown kind");
  }

  // Returns true if the reports of this bundle have content digests. Otherwise this computes them,
  // which takes all of each report, not just its identifying fields.
  bool has_digests() const { return format_version_ >= 2; }

  // Takes an encoded report, of which it decodes only the fields of ReportExtent::kIdentifying.
  absl::Status TakeIdentifying(std::string_view encoded) {
    STORED_RETURN_IF_ERROR(EnterReport());
    Report report;
    if (!wire::IdentifyingFromWire(encoded, limits_.max_bug_path_items, report)) {
      return Undecodable();
    }
    return HandOn(std::move(report));
  }

 private:
  // In the order in which a bundle must have them.
  enum class Stage { kStart, kReports, kContents, kEnded };

  absl::Status Enter(Stage stage, std::string_view what) {
    if (stage_ == Stage::kStart || stage_ > stage || ended()) {
      return Bad(fmt::format("{} is out of place", what));
    }
    stage_ = stage;
    return absl::OkStatus();
  }

  absl::Status TakeHeader(const v1::BundleHeader& header) {
    if (stage_ != Stage::kStart) return Bad("a second header");
    STORED_RETURN_IF_ERROR(CheckVersion(header));
    format_version_ = header.format_version();
    stage_ = Stage::kReports;
    return absl::OkStatus();
  }

  absl::Status TakeFile(v1::SourceFile& file) {
    if (file.path().empty() && !has_digests()) {
      return Bad(fmt::format("file {} has no path", files_));
    }
    if (file.path().size() > limits_.max_path_bytes) {
      return absl::ResourceExhaustedError(
          fmt::format("the path of file {} is {} bytes long; the limit is {}", files_,
                      file.path().size(), limits_.max_path_bytes));
    }
    if (!file.sha256().empty() && file.sha256().size() != sizeof(Sha256Digest)) {
      return Bad(fmt::format("file {} has a digest that is not a SHA-256", files_));
    }
    if (files_ >= limits_.max_entries) {
      return absl::ResourceExhaustedError(
          fmt::format("the bundle names more than {} files", limits_.max_entries));
    }
    STORED_RETURN_IF_ERROR(totals_.AddPath(file.path().size()));
    if (!has_digests()) digester_.AddFile(file.path());
    ++files_;
    return sink_.AddFile({std::move(*file.mutable_path()), std::move(*file.mutable_sha256())});
  }

  absl::Status EnterReport() {
    STORED_RETURN_IF_ERROR(Enter(Stage::kReports, "a report"));
    if (reports_ < limits_.max_reports) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format(
        "the bundle has more than {} reports, which is the limit", limits_.max_reports));
  }

  absl::Status TakeReport(v1::BundledReport& message) {
    STORED_RETURN_IF_ERROR(EnterReport());
    STORED_RETURN_IF_ERROR(CheckCounts(message));
    return HandOn(wire::FromWire(message));
  }

  // Validates the report and passes it to the sink.
  absl::Status HandOn(Report report) {
    const absl::Status valid = ValidateReport(report, files_, true, limits_);
    if (!valid.ok()) return Annotate(valid, fmt::format("report {} of the bundle", reports_));
    if (!has_digests()) {
      report.content_digest = digester_.DigestOf(report);
    } else if (report.content_digest == 0) {
      return Bad(fmt::format("report {} has no content digest", reports_));
    }
    ++reports_;
    return sink_.AddReport(std::move(report));
  }

  // Called before a Report is made of the message, which takes far more memory.
  absl::Status CheckCounts(const v1::BundledReport& message) const {
    const v1::BundledBugPath& path = message.bug_path();
    int64_t most = std::max({path.events_size(), path.positions_size(), path.notes_size(),
                             path.macro_expansions_size(), path.further_paths_size(),
                             message.annotations_size()});
    int64_t steps = 0;
    for (const v1::BundledSteps& further : path.further_paths()) steps += further.events_size();
    most = std::max(most, steps);
    if (most <= static_cast<int64_t>(limits_.max_bug_path_items)) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        fmt::format("report {} of the bundle has {} items in its bug path; the limit is {}",
                    reports_, most, limits_.max_bug_path_items));
  }

  absl::Status TakeContent(const v1::SourceContent& content) {
    const std::string what = fmt::format("source content {} of the bundle", contents_);
    if (content.size() > limits_.max_source_bytes) {
      return absl::ResourceExhaustedError(fmt::format("{} is {} bytes long; the limit is {}", what,
                                                      content.size(), limits_.max_source_bytes));
    }
    inflated_content_.resize(content.size());
    const size_t size = ZSTD_decompress(inflated_content_.data(), inflated_content_.size(),
                                        content.zstd().data(), content.zstd().size());
    if (ZSTD_isError(size) || size != content.size() ||
        ZSTD_getFrameContentSize(content.zstd().data(), content.zstd().size()) != size) {
      return absl::InvalidArgumentError(
          fmt::format("{} is not a zstd frame of the size it claims", what));
    }
    if (Sha256::Of(inflated_content_).Raw() != content.sha256()) {
      return absl::InvalidArgumentError(fmt::format("{} does not have the digest it claims", what));
    }
    ++contents_;
    return sink_.AddContent(content.sha256(), content.zstd(), content.size());
  }

  absl::Status TakeEnd(v1::BundleEnd& end) {
    if (end.files() != files_ || end.reports() != reports_ || end.contents() != contents_) {
      return Bad("its end states other numbers of files, reports or contents than it has");
    }
    CollectionSummary summary;
    summary.diagnostics = end.diagnostics();
    summary.result_files = end.result_files();
    summary.analyzed_files = end.analyzed_files();
    summary.failed_files = end.failed_files();
    for (std::string& warning : *end.mutable_warnings()) {
      if (summary.warnings.size() == kMaxWarnings) break;
      summary.warnings.emplace_back(Utf8Prefix(warning, kMaxWarningBytes));
    }
    return sink_.Finish(summary);
  }

  const Limits& limits_;
  ReportSink& sink_;
  Stage stage_ = Stage::kStart;
  uint32_t format_version_ = 0;
  ContentDigester digester_;
  BundleTotals totals_;
  uint32_t files_ = 0;
  uint32_t reports_ = 0;
  uint32_t contents_ = 0;
  std::string inflated_content_;
};

}  // namespace

BundleReader::BundleReader(std::string path, Limits limits)
    : path_(std::move(path)), limits_(limits) {}

std::unique_ptr<Reading> BundleReader::Open(ReportExtent extent) {
  return std::make_unique<DeferredReading>(
      [this, extent](ReportSink& sink) { return Read(extent, sink); });
}

absl::Status BundleReader::Read(ReportExtent extent, ReportSink& sink) const {
  STORED_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path_, O_RDONLY));
  InflatedFile file(std::move(fd), path_, limits_);
  RecordChecker checker(limits_, sink);
  RecordArena arena;
  std::string buffer;
  size_t at = 0;  // Where the next record starts in `buffer`.
  while (true) {
    const std::string_view rest = std::string_view(buffer).substr(at);
    const std::optional<RecordLength> length = ParseLength(rest);
    if (length && (length->bytes == 0 || length->value > kMaxContentRecordBytes)) {
      return Bad("the length of a record is malformed or over the limit");
    }
    if (!length || rest.size() < length->bytes + length->value) {
      if (file.frame_ended() && rest.empty()) break;
      buffer.erase(0, at);
      at = 0;
      const size_t before = buffer.size();
      STORED_RETURN_IF_ERROR(file.Append(&buffer));
      if (buffer.size() == before && !buffer.empty()) return Bad("its last record was cut short");
      continue;
    }
    const std::string_view encoded = rest.substr(length->bytes, length->value);
    if (encoded.size() > RecordLimit(encoded.substr(0, 16), encoded.size())) {
      return absl::ResourceExhaustedError(fmt::format(
          "the bundle has a record of {} bytes; the limit is {}", encoded.size(), kMaxRecordBytes));
    }
    at += length->bytes + length->value;
    if (extent == ReportExtent::kIdentifying && checker.has_digests()) {
      if (const std::optional<std::string_view> report = ReportIn(encoded)) {
        STORED_RETURN_IF_ERROR(checker.TakeIdentifying(*report));
        continue;
      }
    }
    v1::BundleRecord& record = arena.NewRecord();
    if (!record.ParseFromArray(encoded.data(), static_cast<int>(encoded.size()))) {
      return Undecodable();
    }
    STORED_RETURN_IF_ERROR(checker.Take(record, encoded.size()));
  }
  return checker.ended() ? file.ExpectEndOfFile() : Bad("its end is missing");
}

absl::Status CheckBundleHead(std::string_view head) {
  static constexpr std::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);
  if (!head.starts_with(kZstdMagic)) {
    return absl::InvalidArgumentError(
        "the payload is not a bundle: it does not start with a zstd frame");
  }
  DecompressionContext context = NewContext();
  std::string start(4096, '\0');
  ZSTD_inBuffer in{head.data(), head.size(), 0};
  ZSTD_outBuffer out{start.data(), start.size(), 0};
  while (in.pos < in.size && out.pos < out.size) {
    const size_t left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left)) return Bad(ZSTD_getErrorName(left));
    if (left == 0) break;
  }
  const std::string_view bytes = std::string_view(start).substr(0, out.pos);
  const std::optional<RecordLength> length = ParseLength(bytes);
  v1::BundleRecord record;
  if (!length || length->bytes == 0 || bytes.size() - length->bytes < length->value ||
      !record.ParseFromArray(bytes.data() + length->bytes, static_cast<int>(length->value)) ||
      !record.has_header()) {
    return Bad("it does not start with a header");
  }
  return CheckVersion(record.header());
}

}  // namespace stored::reports
