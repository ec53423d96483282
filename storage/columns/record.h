#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/report.h"
#include "storage/session.h"

// Small records kept in one column, because they are only ever read whole: a sequence of integers
// (zigzag varints) and byte strings (length, bytes). A record may grow at its end: what an older
// program wrote reads as zero and empty there.
namespace stored::storage {

class RecordWriter {
 public:
  void Int(int64_t value);
  void Bytes(std::string_view bytes);
  void Strings(const std::vector<std::string>& strings);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class RecordReader {
 public:
  // `bytes` outlives it.
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  // Zero, empty, past the end or where the record is damaged.
  int64_t Int();
  std::string_view Bytes();
  std::vector<std::string> Strings();

  // False when damaged: cut in the middle of something.
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  uint64_t Varint();

  std::string_view rest_;
  bool ok_ = true;
};

// Decoding is DATA_LOSS when the bytes are not of the encoder's making.
std::string EncodeResult(const StoreResult& result);
absl::StatusOr<StoreResult> DecodeResult(std::string_view bytes);

std::string EncodeStrings(const std::vector<std::string>& strings);
absl::StatusOr<std::vector<std::string>> DecodeStrings(std::string_view bytes);

std::string EncodeAnnotations(const std::vector<reports::Annotation>& annotations);
absl::StatusOr<std::vector<reports::Annotation>> DecodeAnnotations(std::string_view bytes);

// Without the lists of checkers: they matter while a store is compared and are long.
std::string EncodeAnalyses(const std::vector<reports::Analysis>& analyses);

}  // namespace stored::storage
