#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/report.h"
#include "storage/session.h"

// Records that are kept in one column, because they are only ever read as a whole: a sequence of
// integers (zigzag varints) and byte strings (length, bytes). Later versions may append to a
// record: in a record of an older version the new integers read as zero, and the new strings as
// empty.
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
  // `bytes` outlives the reader.
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  // Return zero or empty past the end, and if the record is damaged.
  int64_t Int();
  std::string_view Bytes();
  std::vector<std::string> Strings();

  // Returns false if the record is damaged: an integer or a string was cut short.
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  uint64_t Varint();

  std::string_view rest_;
  bool ok_ = true;
};

// All decoders return DATA_LOSS if the bytes are damaged.
std::string EncodeResult(const StoreResult& result);
absl::StatusOr<StoreResult> DecodeResult(std::string_view bytes);

std::string EncodeStrings(const std::vector<std::string>& strings);
absl::StatusOr<std::vector<std::string>> DecodeStrings(std::string_view bytes);

std::string EncodeAnnotations(const std::vector<reports::Annotation>& annotations);
absl::StatusOr<std::vector<reports::Annotation>> DecodeAnnotations(std::string_view bytes);

// Leaves out the lists of checkers, which are long and needed only while a store is compared.
// Nothing reads these bytes yet, so there is no decoder. Products keep them in run_history.analyses
// for every store, so that later versions can show them: the encoding must not change.
std::string EncodeAnalyses(const std::vector<reports::Analysis>& analyses);

}  // namespace stored::storage
