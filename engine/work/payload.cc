#include "engine/work/payload.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/status.h"
#include "reports/bundle/bundle_reader.h"
#include "reports/bundle/bundle_writer.h"
#include "reports/collect/collector.h"
#include "reports/inputs/inputs.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/inputs/payload_start.h"
#include "reports/stream/forwarding_sink.h"
#include "reports/stream/read_ahead.h"

namespace stored::engine {
namespace {

using storage::PayloadFormat;

absl::Status CheckBundleStart(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY));
  std::string head(reports::kBundleHeadBytes, '\0');
  STORED_ASSIGN_OR_RETURN(const size_t n, ReadAt(fd.get(), head.data(), head.size(), 0, path));
  head.resize(n);
  return reports::CheckBundleHead(head);
}

class BundlePayload final : public Payload {
 public:
  BundlePayload(const std::string& path, const reports::Limits& limits)
      : reader_(path, limits), ahead_(reader_) {}

  reports::ReportStream& stream() override { return ahead_; }

 private:
  reports::BundleReader reader_;
  reports::ReadAheadStream ahead_;
};

// Writes a stream to a bundle and passes it on. The bundle only saves collecting again, so the
// stream goes on without it if the disk is full.
class BundleAndSink final : public reports::ForwardingSink<BundleAndSink> {
 public:
  BundleAndSink(reports::BundleWriter& bundle, reports::ReportSink& sink)
      : ForwardingSink(sink), bundle_(bundle) {}

  // Returns true if the bundle has all of the stream.
  bool whole() const { return whole_; }

  // Returns an error if the stream cannot be written as a bundle that a reader accepts. An error of
  // the disk only ends the bundle.
  template <typename Item>
  absl::Status Before(const Item& item) {
    if (!whole_) return absl::OkStatus();
    absl::Status status = bundle_.Write(item);
    if (!IsSystemError(status)) return status;
    whole_ = false;
    return absl::OkStatus();
  }

 private:
  reports::BundleWriter& bundle_;
  bool whole_ = true;
};

// Inputs as a stream. The first reading writes what it collects to a bundle, which later readings
// read. If the disk has no room for the bundle, they collect again.
class ConvertingStream final : public reports::ReportStream {
 public:
  ConvertingStream(reports::Inputs inputs, const storage::StoreRequest& request,
                   const ConversionOptions& options, std::string bundle)
      : inputs_(std::move(inputs)),
        trim_path_prefixes_(request.trim_path_prefixes),
        skip_bad_files_(request.skip_bad_files),
        options_(options),
        bundle_(std::move(bundle)),
        bundle_reader_(bundle_, options_.limits) {}

  std::unique_ptr<reports::Reading> Open(reports::ReportExtent extent) override {
    if (converted_) return bundle_reader_.Open(extent);
    return std::make_unique<reports::DeferredReading>(
        [this](reports::ReportSink& sink) { return Convert(sink); });
  }

 private:
  absl::Status Convert(reports::ReportSink& sink) {
    STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(bundle_, O_RDWR | O_CREAT | O_TRUNC));
    reports::BundleWriter writer(fd.get(), bundle_);
    BundleAndSink both(writer, sink);
    absl::Status status = Collect(both);
    converted_ = status.ok() && both.whole();
    return status;
  }

  absl::Status Collect(reports::ReportSink& sink) {
    reports::CollectorOptions options;
    options.limits = options_.limits;
    STORED_ASSIGN_OR_RETURN(options.trimmer, reports::PathTrimmer::Create(trim_path_prefixes_));
    options.skip_bad_files = skip_bad_files_;
    options.skip_bad_files_option = "skip_bad_files";
    options.progress = [this](uint64_t done, uint64_t total) {
      options_.progress(static_cast<int64_t>(done), static_cast<int64_t>(total));
    };
    options.stop = options_.stop;
    options_.progress(0, static_cast<int64_t>(inputs_.files.size()));
    reports::Collector collector(inputs_, std::move(options), sink);
    STORED_RETURN_IF_ERROR(collector.Collect());
    STORED_RETURN_IF_ERROR(collector.SendContents(collector.Sources()));
    return collector.Finish();
  }

  const reports::Inputs inputs_;
  const std::vector<std::string> trim_path_prefixes_;
  const bool skip_bad_files_;
  const ConversionOptions options_;
  const std::string bundle_;
  reports::BundleReader bundle_reader_;
  bool converted_ = false;
};

// A payload of any other format, converted to a bundle in a work directory.
class ConvertedPayload final : public Payload {
 public:
  static absl::StatusOr<std::unique_ptr<Payload>> Open(const std::string& path,
                                                       const storage::StoreRequest& request,
                                                       const ConversionOptions& options) {
    STORED_ASSIGN_OR_RETURN(TemporaryDirectory work,
                            TemporaryDirectory::Create(options.work_parent, "work-"));
    STORED_ASSIGN_OR_RETURN(reports::Inputs inputs, InputsOf(path, request, options, work.path()));
    return std::unique_ptr<Payload>(
        new ConvertedPayload(std::move(work), std::move(inputs), request, options));
  }

  reports::ReportStream& stream() override { return ahead_; }

 private:
  ConvertedPayload(TemporaryDirectory work, reports::Inputs inputs,
                   const storage::StoreRequest& request, const ConversionOptions& options)
      : work_(std::move(work)),
        conversion_(std::move(inputs), request, options, work_.path() + "/bundle"),
        ahead_(conversion_) {}

  static absl::StatusOr<reports::Inputs> InputsOf(const std::string& path,
                                                  const storage::StoreRequest& request,
                                                  const ConversionOptions& options,
                                                  const std::string& work) {
    switch (request.format) {
      case PayloadFormat::kSarif:
        return reports::InputsOfPayload(path, reports::InputFile::Format::kSarif, "the payload");
      case PayloadFormat::kPlist:
        return reports::InputsOfPayload(path, reports::InputFile::Format::kPlist, "the payload");
      case PayloadFormat::kArchive: {
        reports::InputOptions input_options;
        input_options.limits = options.limits;
        input_options.skip_bad_files = request.skip_bad_files;
        input_options.stop = options.stop;
        input_options.temporary_parent = work;
        return reports::InputsOfArchive(path, "the payload", input_options);
      }
      case PayloadFormat::kBundle:
        break;
    }
    return absl::InternalError("a bundle needs no conversion");
  }

  TemporaryDirectory work_;
  ConvertingStream conversion_;
  reports::ReadAheadStream ahead_;
};

}  // namespace

absl::Status CheckPayloadStart(const std::string& path, PayloadFormat format) {
  switch (format) {
    case PayloadFormat::kBundle:
      return CheckBundleStart(path);
    case PayloadFormat::kSarif:
      return reports::CheckSarifStart(path);
    case PayloadFormat::kPlist:
      return reports::CheckPlistStart(path);
    case PayloadFormat::kArchive:
      return reports::CheckArchiveStart(path);
  }
  return absl::InvalidArgumentError("the payload's format is not known");
}

absl::Status CheckPayloadIsWhole(const storage::Spool& spool,
                                 const storage::SpooledPayload& payload) {
  const absl::StatusOr<uint64_t> size = spool.PayloadSize(payload.file);
  if (absl::IsNotFound(size.status())) {
    return absl::InternalError(
        fmt::format("its payload {} is missing; upload again", spool.PathOf(payload.file)));
  }
  STORED_RETURN_IF_ERROR(size.status());
  if (static_cast<int64_t>(*size) == payload.size) return absl::OkStatus();
  return absl::InternalError(fmt::format("its payload {} has {} of {} bytes; upload again",
                                         spool.PathOf(payload.file), *size, payload.size));
}

absl::StatusOr<std::unique_ptr<Payload>> Payload::Open(const std::string& path,
                                                       const storage::StoreRequest& request,
                                                       const ConversionOptions& options) {
  if (request.format == PayloadFormat::kBundle) {
    return std::make_unique<BundlePayload>(path, options.limits);
  }
  return ConvertedPayload::Open(path, request, options);
}

}  // namespace stored::engine
