#include "reports/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/sha256.h"

namespace stored::reports {
namespace {

// Encodes fields one after another so that no two sequences of fields yield the same bytes: a text
// is preceded by its length, and a number has a fixed width.
class FieldEncoder {
 public:
  // Empties `buffer` and writes into it.
  explicit FieldEncoder(std::string& buffer) : buffer_(buffer) { buffer_.clear(); }

  void Number(uint32_t number) {
    const char bytes[4] = {static_cast<char>(number), static_cast<char>(number >> 8),
                           static_cast<char>(number >> 16), static_cast<char>(number >> 24)};
    buffer_.append(bytes, sizeof(bytes));
  }
  // REQUIRES: `text` is shorter than 4 GiB. Readers limit texts to far less.
  void Text(std::string_view text) {
    Number(static_cast<uint32_t>(text.size()));
    buffer_.append(text);
  }

 private:
  std::string& buffer_;
};

// Returns the buffer that all encodings on this thread share. Frees the memory that an enormous
// report took.
std::string& Buffer() {
  constexpr size_t kKept = size_t{1} << 20;
  thread_local std::string buffer;
  if (buffer.capacity() > kKept) std::string().swap(buffer);
  return buffer;
}

void EncodeEvent(const Location& location, std::string_view message, const FilePaths& paths,
                 FieldEncoder& encoder) {
  encoder.Number(location.line);
  encoder.Number(location.column);
  encoder.Text(message);
  encoder.Text(paths.Path(location.file));
}

void EncodeAnnotations(const std::vector<Annotation>& annotations, FieldEncoder& encoder) {
  std::vector<const Annotation*> sorted;
  sorted.reserve(annotations.size());
  for (const Annotation& annotation : annotations) sorted.push_back(&annotation);
  std::sort(sorted.begin(), sorted.end(),
            [](const Annotation* a, const Annotation* b) { return *a < *b; });
  encoder.Number(static_cast<uint32_t>(sorted.size()));
  for (const Annotation* annotation : sorted) {
    encoder.Text(annotation->key);
    encoder.Text(annotation->value);
  }
}

std::string_view FileName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string WithoutWhiteSpace(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (std::string_view(" \t\r\n\v\f").find(c) == std::string_view::npos) kept.push_back(c);
  }
  return kept;
}

// Returns the text of the reported line, or its line and column if that is not known; for a finding
// in no file, the logical location.
std::string LineText(const Report& report, std::string_view path, const HashBasis& basis,
                     std::string_view source_line) {
  std::string text = WithoutWhiteSpace(source_line);
  if (text.empty()) text = WithoutWhiteSpace(basis.snippet);
  if (!text.empty()) return text;
  if (path.empty()) return report.logical_location;
  return fmt::format("{}:{}", report.location.line, report.location.column);
}

}  // namespace

ReportIdentity IdentityOf(const Report& report, const FilePaths& paths) {
  std::string& buffer = Buffer();
  FieldEncoder encoder(buffer);
  encoder.Text(report.report_hash);
  encoder.Text(report.checker_name);
  encoder.Number(static_cast<uint32_t>(report.bug_path.events.size()));
  if (report.bug_path.events.empty()) EncodeEvent(report.location, report.message, paths, encoder);
  for (const BugPathEvent& event : report.bug_path.events) {
    EncodeEvent(event.location, event.message, paths, encoder);
  }
  EncodeAnnotations(report.annotations, encoder);
  // Added last and only if not 0, so that the identities in older databases stay the same.
  if (report.discriminator != 0) encoder.Number(report.discriminator);

  const Sha256Digest digest = Sha256::Of(buffer);
  ReportIdentity identity;
  std::memcpy(identity.bytes.data(), digest.bytes.data(), identity.bytes.size());
  return identity;
}

std::string ComputeReportHash(const Report& report, std::string_view path, const HashBasis& basis,
                              std::string_view source_line) {
  std::string& buffer = Buffer();
  FieldEncoder encoder(buffer);
  if (!basis.partial_fingerprints.empty()) {
    encoder.Text("partial fingerprints");
    encoder.Text(basis.partial_fingerprints);
    encoder.Text(report.checker_name);
    encoder.Text(path.empty() ? std::string_view(report.logical_location) : path);
  } else {
    encoder.Text("context free");
    encoder.Text(FileName(path));
    encoder.Text(report.checker_name);
    encoder.Text(report.message);
    encoder.Text(LineText(report, path, basis, source_line));
  }
  return Sha256::Of(buffer).Hex().substr(0, 32);
}

std::string NumberedReportHash(std::string_view report_hash, uint32_t number) {
  std::string& buffer = Buffer();
  FieldEncoder encoder(buffer);
  encoder.Text("numbered");
  encoder.Text(report_hash);
  encoder.Number(number);
  return Sha256::Of(buffer).Hex().substr(0, 32);
}

}  // namespace stored::reports
