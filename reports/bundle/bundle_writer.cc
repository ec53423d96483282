#include "reports/bundle/bundle_writer.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <zstd.h>

#include <algorithm>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/bundle/bundle_format.h"
#include "reports/bundle/bundle_totals.h"
#include "reports/bundle/wire.h"
#include "reports/content_digest.h"

namespace stored::reports {
namespace {

// The fastest level. Reports shrink about twelvefold at it already, and contents are compressed.
constexpr int kCompressionLevel = 1;
constexpr size_t kBufferBytes = size_t{256} << 10;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

}  // namespace

struct BundleWriter::Impl {
  Impl(int file, std::string name) : fd(file), path(std::move(name)), context(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kCompressionLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    compressed.resize(ZSTD_CStreamOutSize());
  }

  // Appends `message` with its length in front. Compresses what is pending once that fills the
  // buffer.
  absl::Status Write(const v1::BundleRecord& message) {
    if (!started) {
      started = true;
      v1::BundleRecord first;
      first.mutable_header()->set_format_version(kBundleFormatVersion);
      first.mutable_header()->set_producer("stored");
      STORED_RETURN_IF_ERROR(Write(first));
    }
    const size_t bytes = message.ByteSizeLong();
    const size_t limit = message.has_content() ? kMaxContentRecordBytes : kMaxRecordBytes;
    if (bytes > limit) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: a record of {} bytes; the limit is {}", path, bytes, limit));
    }
    uint8_t length[5];
    const uint8_t* length_end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
        static_cast<uint32_t>(bytes), length);
    pending.append(reinterpret_cast<const char*>(length), static_cast<size_t>(length_end - length));
    const size_t at = pending.size();
    pending.resize(at + bytes);
    message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(pending.data() + at));
    return pending.size() < kBufferBytes ? absl::OkStatus() : Compress(ZSTD_e_continue);
  }

  absl::Status Compress(ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{pending.data(), pending.size(), 0};
    while (true) {
      ZSTD_outBuffer out{compressed.data(), compressed.size(), 0};
      const size_t left = ZSTD_compressStream2(context.get(), &out, &in, directive);
      if (ZSTD_isError(left)) {
        return absl::InternalError(fmt::format("{}: {}", path, ZSTD_getErrorName(left)));
      }
      STORED_RETURN_IF_ERROR(WriteAt(fd, {compressed.data(), out.pos}, size, path));
      size += out.pos;
      const bool done = directive == ZSTD_e_end ? left == 0 : in.pos == in.size;
      if (done) break;
    }
    pending.clear();
    return absl::OkStatus();
  }

  const int fd;
  const std::string path;
  std::unique_ptr<ZSTD_CCtx, FreeCompressor> context;
  // Encoded records that are not compressed yet, and the output buffer of the compression.
  std::string pending;
  std::string compressed;
  uint64_t size = 0;
  bool started = false;
  // A member so that its allocations are reused.
  v1::BundleRecord record;
  BundleTotals totals;
  ContentDigester digester;
  uint32_t files = 0;
  uint32_t reports = 0;
  uint32_t contents = 0;
};

BundleWriter::BundleWriter(int fd, std::string path)
    : impl_(std::make_unique<Impl>(fd, std::move(path))) {}
BundleWriter::~BundleWriter() = default;

uint64_t BundleWriter::size() const { return impl_->size; }

absl::Status BundleWriter::AddAnalysis(Analysis analysis) { return Write(analysis); }
absl::Status BundleWriter::AddFile(SourceFile file) { return Write(file); }
absl::Status BundleWriter::AddReport(Report report) { return Write(report); }
absl::Status BundleWriter::AddContent(std::string_view sha256, std::string_view zstd,
                                      uint64_t size) {
  return Write(SourceContent{sha256, zstd, size});
}
absl::Status BundleWriter::Finish(const CollectionSummary& summary) { return Write(summary); }

absl::Status BundleWriter::Write(const Analysis& analysis) {
  impl_->record.Clear();
  wire::ToWire(analysis, *impl_->record.mutable_analysis());
  STORED_RETURN_IF_ERROR(impl_->totals.AddAnalysis(impl_->record.ByteSizeLong()));
  return impl_->Write(impl_->record);
}

absl::Status BundleWriter::Write(const SourceFile& file) {
  ++impl_->files;
  STORED_RETURN_IF_ERROR(impl_->totals.AddPath(file.path.size()));
  impl_->digester.AddFile(file.path);
  v1::BundleRecord record;
  record.mutable_file()->set_path(file.path);
  record.mutable_file()->set_sha256(file.sha256);
  return impl_->Write(record);
}

absl::Status BundleWriter::Write(const Report& report) {
  ++impl_->reports;
  // Clears the report, not the record around it, so that its allocations are kept.
  v1::BundledReport& message = *impl_->record.mutable_report();
  message.Clear();
  wire::ToWire(report, message);
  if (report.content_digest == 0) message.set_content_digest(impl_->digester.DigestOf(report));
  return impl_->Write(impl_->record);
}

absl::Status BundleWriter::Write(const SourceContent& content) {
  ++impl_->contents;
  v1::BundleRecord record;
  v1::SourceContent& message = *record.mutable_content();
  message.set_sha256(content.sha256.data(), content.sha256.size());
  message.set_zstd(content.zstd.data(), content.zstd.size());
  message.set_size(content.size);
  return impl_->Write(record);
}

absl::Status BundleWriter::Write(const CollectionSummary& summary) {
  v1::BundleRecord record;
  v1::BundleEnd& end = *record.mutable_end();
  end.set_files(impl_->files);
  end.set_reports(impl_->reports);
  end.set_contents(impl_->contents);
  end.set_diagnostics(summary.diagnostics);
  end.set_result_files(summary.result_files);
  end.set_analyzed_files(summary.analyzed_files);
  end.set_failed_files(summary.failed_files);
  for (const std::string& warning : summary.warnings) {
    if (end.warnings_size() == static_cast<int>(kMaxWarnings)) break;
    const std::string_view kept = Utf8Prefix(warning, kMaxWarningBytes);
    end.add_warnings(kept.data(), kept.size());
  }
  STORED_RETURN_IF_ERROR(impl_->Write(record));
  return impl_->Compress(ZSTD_e_end);
}

}  // namespace stored::reports
