#include "storage/columns/record.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stored::storage {
namespace {

TEST(RecordTest, Result_Damaged_DataLoss) {
  StoreResult result;
  result.diagnostics = int64_t{1} << 40;
  result.warnings = {"a warning", "another"};
  const std::string bytes = EncodeResult(result);
  EXPECT_EQ(*DecodeResult(bytes), result);
  EXPECT_EQ(DecodeResult("").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeResult(bytes.substr(0, bytes.size() - 1)).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeResult(std::string(40, '\xff')).status().code(), absl::StatusCode::kDataLoss);
}

TEST(RecordTest, Result_OfAnOlderVersion_EndsWithItsWarnings) {
  StoreResult result;
  result.new_reports = 3;
  result.warnings = {"a warning"};
  const std::string bytes = EncodeResult(result);
  // Removes the last two integers, both zero.
  EXPECT_EQ(*DecodeResult(bytes.substr(0, bytes.size() - 2)), result);
  result.analyzed_files = 120;
  result.failed_files = 2;
  EXPECT_EQ(*DecodeResult(EncodeResult(result)), result);
}

TEST(RecordTest, Integers_OfAnySize) {
  RecordWriter writer;
  const std::vector<int64_t> values = {0, -1, 1, 63, 64, INT64_MAX, INT64_MIN};
  for (const int64_t value : values) writer.Int(value);
  RecordReader reader(writer.bytes());
  for (const int64_t value : values) EXPECT_EQ(reader.Int(), value);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.Int(), 0);
}

TEST(RecordTest, Strings_CountBeyondTheBytes_DoesNotAllocate) {
  RecordWriter writer;
  writer.Int(int64_t{1} << 60);
  EXPECT_EQ(DecodeStrings(writer.bytes()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace stored::storage
