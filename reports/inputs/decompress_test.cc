#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "reports/inputs/archive.h"
#include "reports/testing/zstd.h"

namespace stored::reports {
namespace {

using testing::HasSubstr;

std::string Gzip(std::string_view content) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class DecompressTest : public testing::TestWithParam<std::string (*)(std::string_view)> {
 protected:
  std::string Pack(std::string_view content) const { return GetParam()(content); }
  void ExpectError(std::string bytes, absl::StatusCode code, const std::string& part) const {
    const absl::Status status =
        DecompressIfNeeded(std::move(bytes), "a.plist.gz", limits_).status();
    EXPECT_EQ(status.code(), code) << status;
    const std::string message(status.message().data(), status.message().size());
    EXPECT_THAT(message, HasSubstr("a.plist.gz: "));
    EXPECT_THAT(message, HasSubstr(part));
  }

  // Some kilobytes of text that does not compress too well.
  std::string content_ = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + "\n";
    return text;
  }();
  Limits limits_;
};

TEST_P(DecompressTest, WholeContent) {
  EXPECT_EQ(*DecompressIfNeeded(Pack(content_), "a", limits_), content_);
  EXPECT_EQ(*DecompressIfNeeded(Pack(""), "a", limits_), "");
  EXPECT_EQ(*DecompressIfNeeded(Pack("x"), "a", limits_), "x");
}

TEST_P(DecompressTest, MembersInARow_AreOneContent) {
  EXPECT_EQ(*DecompressIfNeeded(Pack(content_) + Pack("") + Pack("tail"), "a", limits_),
            content_ + "tail");
}

TEST_P(DecompressTest, ZeroPaddingAtTheEnd_IsIgnored) {
  EXPECT_EQ(*DecompressIfNeeded(Pack("x") + std::string(512, '\0'), "a", limits_), "x");
}

TEST_P(DecompressTest, GarbageAtTheEnd_Refused) {
  const std::string packed = Pack("x");
  ExpectError(packed + "garbage", absl::StatusCode::kInvalidArgument,
              "other data follows the compressed data at byte " + std::to_string(packed.size()));
}

TEST_P(DecompressTest, CutShort_Refused) {
  const std::string packed = Pack(content_);
  for (const size_t size : {size_t{4}, packed.size() / 2, packed.size() - 1}) {
    ExpectError(packed.substr(0, size), absl::StatusCode::kInvalidArgument, "cut short");
  }
}

TEST_P(DecompressTest, Damaged_Refused) {
  std::string packed = Pack(content_);
  for (size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i) packed[i] = '\xff';
  ExpectError(packed, absl::StatusCode::kInvalidArgument, "damaged");
}

TEST_P(DecompressTest, Bomb_StoppedBySize) {
  limits_.max_result_file_bytes = 1 << 20;
  ExpectError(Pack(std::string((1 << 20) + 1, 'a')), absl::StatusCode::kResourceExhausted,
              "more than the limit of 1048576 bytes");
  EXPECT_TRUE(DecompressIfNeeded(Pack(std::string(1 << 20, 'a')), "a", limits_).ok());
}

TEST_P(DecompressTest, Bomb_StoppedByRatioAfterTheGrace) {
  limits_.max_unpack_ratio = 100;
  limits_.ratio_grace_bytes = 1 << 20;
  const std::string bomb = Pack(std::string(8 << 20, 'a'));
  ExpectError(bomb, absl::StatusCode::kResourceExhausted, "more than 100 times its size");
  limits_.ratio_grace_bytes = 8 << 20;
  EXPECT_TRUE(DecompressIfNeeded(bomb, "a", limits_).ok());
}

TEST_P(DecompressTest, Head_FirstBytesOnly) {
  const std::string packed = Pack(content_);
  EXPECT_EQ(DecompressHead(std::string_view(packed).substr(0, kDecompressHeadBytes), 100),
            content_.substr(0, 100));
  EXPECT_EQ(DecompressHead(Pack("short"), 100), "short");
}

INSTANTIATE_TEST_SUITE_P(Formats, DecompressTest, testing::Values(Gzip, Zstd));

TEST(DecompressIfNeeded, NotCompressed_IsReturnedUnchanged) {
  for (const std::string& bytes : {std::string(), std::string("<plist>"), std::string("\x1f")}) {
    EXPECT_EQ(*DecompressIfNeeded(bytes, "a", Limits()), bytes);
  }
}

TEST(DecompressIfNeeded, GzipChecksumWrong_Refused) {
  std::string packed = Gzip("content");
  packed[packed.size() - 6] ^= 1;
  EXPECT_EQ(DecompressIfNeeded(packed, "a", Limits()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(DecompressHead, NeitherOrDamaged_Empty) {
  EXPECT_EQ(DecompressHead("plain", 10), "");
  EXPECT_EQ(DecompressHead("", 10), "");
  EXPECT_EQ(DecompressHead("\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10), "");
}

}  // namespace
}  // namespace stored::reports
