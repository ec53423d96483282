#include "storage/columns/record.h"

#include <cmath>

namespace stored::storage {
namespace {

absl::Status Damaged(const char* what) {
  return absl::DataLossError(std::string("a record of ") + what +
                             " is damaged; restore the database from a backup");
}

// Visits the record's integers in their order on disk, which must never change. New fields come
// after the warnings, in EncodeResult.
template <typename Result, typename Visit>
void VisitCounts(Result& result, Visit visit) {
  visit(result.run_id);
  visit(result.new_reports);
  visit(result.unresolved_reports);
  visit(result.reopened_reports);
  visit(result.resolved_reports);
  visit(result.off_reports);
  visit(result.unavailable_reports);
  visit(result.reports);
  visit(result.diagnostics);
  visit(result.result_files);
  visit(result.source_files);
  visit(result.new_sources);
  visit(result.new_source_bytes);
}

}  // namespace

void RecordWriter::Int(int64_t value) {
  uint64_t rest = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (rest >= 0x80) {
    bytes_ += static_cast<char>(rest | 0x80);
    rest >>= 7;
  }
  bytes_ += static_cast<char>(rest);
}

void RecordWriter::Bytes(std::string_view bytes) {
  Int(static_cast<int64_t>(bytes.size()));
  bytes_ += bytes;
}

void RecordWriter::Strings(const std::vector<std::string>& strings) {
  Int(static_cast<int64_t>(strings.size()));
  for (const std::string& string : strings) Bytes(string);
}

uint64_t RecordReader::Varint() {
  if (rest_.empty()) return 0;
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

int64_t RecordReader::Int() {
  const uint64_t value = Varint();
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

std::string_view RecordReader::Bytes() {
  const int64_t size = Int();
  if (size < 0 || static_cast<uint64_t>(size) > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view bytes = rest_.substr(0, static_cast<size_t>(size));
  rest_.remove_prefix(bytes.size());
  return bytes;
}

std::vector<std::string> RecordReader::Strings() {
  std::vector<std::string> strings;
  const int64_t count = Int();
  // Bounds a damaged count: every string takes at least one byte.
  if (count < 0 || static_cast<uint64_t>(count) > rest_.size()) ok_ = false;
  for (int64_t i = 0; ok_ && i < count; ++i) strings.emplace_back(Bytes());
  return strings;
}

std::string EncodeResult(const StoreResult& result) {
  RecordWriter writer;
  VisitCounts(result, [&](int64_t count) { writer.Int(count); });
  writer.Strings(result.warnings);
  writer.Int(result.analyzed_files);
  writer.Int(result.failed_files);
  return writer.bytes();
}

absl::StatusOr<StoreResult> DecodeResult(std::string_view bytes) {
  RecordReader reader(bytes);
  StoreResult result;
  VisitCounts(result, [&](auto& count) {
    count = static_cast<std::remove_reference_t<decltype(count)>>(reader.Int());
  });
  result.warnings = reader.Strings();
  // A result of an older version ends here.
  if (!reader.at_end()) {
    result.analyzed_files = static_cast<int32_t>(reader.Int());
    if (reader.at_end()) return Damaged("a store's result");
    result.failed_files = static_cast<int32_t>(reader.Int());
  }
  if (!reader.ok() || bytes.empty()) return Damaged("a store's result");
  return result;
}

std::string EncodeStrings(const std::vector<std::string>& strings) {
  RecordWriter writer;
  writer.Strings(strings);
  return writer.bytes();
}

absl::StatusOr<std::vector<std::string>> DecodeStrings(std::string_view bytes) {
  RecordReader reader(bytes);
  std::vector<std::string> strings = reader.Strings();
  if (!reader.ok()) return Damaged("texts");
  return strings;
}

std::string EncodeAnnotations(const std::vector<reports::Annotation>& annotations) {
  RecordWriter writer;
  for (const reports::Annotation& annotation : annotations) {
    writer.Bytes(annotation.key);
    writer.Bytes(annotation.value);
  }
  return writer.bytes();
}

absl::StatusOr<std::vector<reports::Annotation>> DecodeAnnotations(std::string_view bytes) {
  RecordReader reader(bytes);
  std::vector<reports::Annotation> annotations;
  while (!reader.at_end()) {
    reports::Annotation annotation;
    annotation.key = std::string(reader.Bytes());
    annotation.value = std::string(reader.Bytes());
    annotations.push_back(std::move(annotation));
  }
  if (!reader.ok()) return Damaged("annotations");
  return annotations;
}

std::string EncodeAnalyses(const std::vector<reports::Analysis>& analyses) {
  RecordWriter writer;
  writer.Int(static_cast<int64_t>(analyses.size()));
  for (const reports::Analysis& analysis : analyses) {
    writer.Bytes(analysis.tool_name);
    writer.Bytes(analysis.tool_version);
    writer.Strings(analysis.command);
    writer.Bytes(analysis.working_directory);
    // Whole microseconds keep byte order and NaN out of the file.
    for (const double seconds : {analysis.begin_time, analysis.end_time}) {
      writer.Int(std::abs(seconds) < 1e12 ? std::llround(seconds * 1e6) : 0);
    }
    writer.Int(static_cast<int64_t>(analysis.analyzers.size()));
    for (const reports::AnalyzerRun& analyzer : analysis.analyzers) {
      writer.Bytes(analyzer.name);
      writer.Bytes(analyzer.version);
      writer.Int(analyzer.successful);
      writer.Int(analyzer.failed);
      writer.Strings(analyzer.failed_sources);
    }
  }
  return writer.bytes();
}

}  // namespace stored::storage
