#include "storage/columns/report_hash.h"

#include <gtest/gtest.h>

#include <string>

#include "base/sha256.h"

namespace stored::storage {
namespace {

TEST(ReportHashTest, DigitsAndTexts_NeverShareAKey) {
  const std::string digits = "00112233445566778899aabbccddeeff";
  EXPECT_FALSE(ReportHashKey::Of(digits).text);
  EXPECT_TRUE(ReportHashKey::Of("00112233445566778899AABBCCDDEEFF").text);
  EXPECT_TRUE(ReportHashKey::Of(digits.substr(1)).text);
  const ReportHashKey text = ReportHashKey::Of("x");
  EXPECT_NE(ReportHashKey::Of(ToHex(text.Raw())), text);
}

}  // namespace
}  // namespace stored::storage
