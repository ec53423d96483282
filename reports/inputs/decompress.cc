#include <fcntl.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/files/file.h"
#include "base/status.h"
#include "reports/inputs/archive.h"

namespace stored::reports {
namespace {

constexpr size_t kStepBytes = 256 << 10;

// The result of one step of a decoder.
struct Step {
  size_t consumed = 0;
  size_t produced = 0;
  // True if a member (gzip) or frame (zstd) ended here.
  bool ended = false;
  // The fault, if the input is damaged.
  std::optional<std::string> error;
};

// A streaming decoder. After the end of a member it is ready for the next one.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Step Run(std::string_view in, char* out, size_t out_size) = 0;
};

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() { ok_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK; }
  ~GzipDecoder() override {
    if (ok_) inflateEnd(&stream_);
  }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Step Run(std::string_view in, char* out, size_t out_size) override {
    if (!ok_) return {.error = "no memory for gzip"};
    const auto in_size = static_cast<uInt>(std::min(in.size(), kStepBytes));
    const auto room = static_cast<uInt>(std::min(out_size, kStepBytes));
    // zlib's interface lacks const, but zlib does not write to its input.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = in_size;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    Step step{.consumed = in_size - stream_.avail_in, .produced = room - stream_.avail_out};
    if (result == Z_STREAM_END) {
      step.ended = true;
      ok_ = inflateReset(&stream_) == Z_OK;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      step.error = stream_.msg != nullptr ? stream_.msg : "damaged gzip data";
    }
    return step;
  }

 private:
  // A window of 15 bits, plus 16 for the gzip header and its checksum.
  static constexpr int kGzipWindowBits = 15 + 16;
  z_stream stream_{};
  bool ok_ = false;
};

class ZstdDecoder final : public Decoder {
 public:
  Step Run(std::string_view in, char* out, size_t out_size) override {
    if (stream_ == nullptr) return {.error = "no memory for zstd"};
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out, out_size, 0};
    const size_t result = ZSTD_decompressStream(stream_.get(), &output, &input);
    Step step{.consumed = input.pos, .produced = output.pos, .ended = result == 0};
    if (ZSTD_isError(result) != 0) step.error = ZSTD_getErrorName(result);
    return step;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
};

std::unique_ptr<Decoder> DecoderFor(std::string_view head) {
  switch (SniffFileKind(head.substr(0, kSniffBytes))) {
    case FileKind::kGzip:
      return std::make_unique<GzipDecoder>();
    case FileKind::kZstd:
      return std::make_unique<ZstdDecoder>();
    default:
      return nullptr;
  }
}

absl::Status CheckSize(uint64_t unpacked, uint64_t packed, const std::string& name,
                       const Limits& limits) {
  if (unpacked > limits.max_result_file_bytes) {
    return absl::ResourceExhaustedError(fmt::format(
        "{}: unpacks to more than the limit of {} bytes", name, limits.max_result_file_bytes));
  }
  if (unpacked > limits.ratio_grace_bytes && unpacked > packed * limits.max_unpack_ratio) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: unpacks to more than {} times its size", name, limits.max_unpack_ratio));
  }
  return absl::OkStatus();
}

bool OnlyZeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::string> DecompressIfNeeded(std::string bytes, const std::string& name,
                                               const Limits& limits) {
  const std::unique_ptr<Decoder> decoder = DecoderFor(bytes);
  if (decoder == nullptr) return bytes;
  const FileKind kind = SniffFileKind(std::string_view(bytes).substr(0, kSniffBytes));
  std::string content;
  size_t used = 0;
  for (std::string_view rest = bytes;;) {
    if (content.size() - used < kStepBytes) {
      content.resize(std::max(content.size() * 2, 2 * kStepBytes));
    }
    const Step step = decoder->Run(rest, content.data() + used, content.size() - used);
    rest.remove_prefix(step.consumed);
    used += step.produced;
    STORED_RETURN_IF_ERROR(CheckSize(used, bytes.size(), name, limits));
    const size_t offset = bytes.size() - rest.size();
    if (step.error.has_value()) {
      return absl::InvalidArgumentError(
          fmt::format("{}: damaged at byte {}: {}", name, offset, *step.error));
    }
    if (step.ended) {
      // Tapes and block devices pad with zeros.
      if (rest.empty() || OnlyZeros(rest)) break;
      if (SniffFileKind(rest.substr(0, kSniffBytes)) == kind) continue;
      return absl::InvalidArgumentError(
          fmt::format("{}: other data follows the compressed data at byte {}", name, offset));
    }
    if (step.consumed == 0 && step.produced == 0) {
      return absl::InvalidArgumentError(fmt::format("{}: cut short at byte {}", name, offset));
    }
  }
  content.resize(used);
  return content;
}

std::string DecompressHead(std::string_view head, size_t size) {
  const std::unique_ptr<Decoder> decoder = DecoderFor(head);
  std::string content(decoder == nullptr ? 0 : size, '\0');
  size_t used = 0;
  while (used < content.size()) {
    const Step step = decoder->Run(head, content.data() + used, content.size() - used);
    head.remove_prefix(step.consumed);
    used += step.produced;
    if (step.error.has_value() || (step.consumed == 0 && step.produced == 0)) break;
  }
  content.resize(used);
  return content;
}

absl::StatusOr<FileKind> ReadFileKind(const std::string& path) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY | O_NONBLOCK));
  std::string head(kDecompressHeadBytes, '\0');
  STORED_ASSIGN_OR_RETURN(const size_t size, ReadAt(fd.get(), head.data(), head.size(), 0, path));
  head.resize(size);
  const FileKind kind = SniffFileKind(std::string_view(head).substr(0, kSniffBytes));
  if (kind != FileKind::kGzip && kind != FileKind::kZstd) return kind;
  return SniffFileKind(DecompressHead(head, kSniffBytes));
}

}  // namespace stored::reports
