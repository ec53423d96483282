#include "reports/sarif/json/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/text/text.h"
#include "reports/sarif/json/json_string.h"
#include "reports/sarif/json/warnings.h"

namespace stored::reports::sarif {
namespace {

TEST(SarifJson, Unescape_SimpleEscapes) {
  EXPECT_EQ(Unescape(R"(a\"b\\c\/d\n\t\r\b\f)"), "a\"b\\c/d\n\t\r\b\f");
  EXPECT_EQ(Unescape("plain"), "plain");
  EXPECT_EQ(Unescape(""), "");
}

TEST(SarifJson, Unescape_CodePoints) {
  EXPECT_EQ(Unescape(R"(\u0041\u00e9\u20AC\ud83d\ude00!)"),
            "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!");
  EXPECT_EQ(Unescape(R"(\u0000)"), std::string(1, '\0'));
}

TEST(SarifJson, Unescape_LoneSurrogates) {
  // Python's json module writes the byte 0xe9 of a string that is not UTF-8 like this.
  EXPECT_EQ(Unescape(R"(caf\udce9)"), "caf\xe9");
  EXPECT_EQ(Unescape(R"(\ud83dx)"), "\xef\xbf\xbdx");
  EXPECT_EQ(Unescape(R"(\ud83d\u0041)"),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(Unescape(R"(\ud83d\ud83d\ude00)"), "\xef\xbf\xbd\xf0\x9f\x98\x80");
  EXPECT_EQ(Unescape(R"(\ude00)"), "\xef\xbf\xbd");
}

TEST(SarifJson, Unescape_MalformedEscape_Nothing) {
  for (const std::string_view raw :
       {R"(\u00)", R"(\uzzzz)", R"(C:\src)", R"(\x41)", R"(\')", R"(a\0)", "\\"}) {
    EXPECT_EQ(Unescape(raw), std::nullopt) << raw;
  }
}

TEST(SarifJson, ReplaceIllFormedBytes_IsUtf8_AndRestores) {
  std::string bytes;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      bytes += static_cast<char>(first);
      bytes += static_cast<char>(second);
    }
  }
  std::string replaced = ReplaceIllFormedBytes(bytes);
  EXPECT_TRUE(IsValidUtf8(replaced));
  EXPECT_FALSE(IsValidUtf8(bytes));
  RestoreBytes(replaced);
  EXPECT_EQ(replaced, bytes);
}

TEST(SarifJson, ReplaceIllFormedBytes_LeavesUtf8Alone) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(ReplaceIllFormedBytes(text), text);
  // Overlong forms, a surrogate, a code point beyond the last one, a truncated sequence.
  for (const std::string bad :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x98"}) {
    EXPECT_EQ(ReplaceIllFormedBytes(bad).size(), 4 * bad.size());
  }
}

TEST(SarifJson, View_QuotesAfterBackslashes) {
  Warnings warnings("log");
  const auto log =
      JsonLog::Open(R"({"a": "x\\", "b": "y\"\\\"", "c": "\\\\"})", Limits(), warnings);
  ASSERT_TRUE(log.ok()) << log.status();
  auto root = (*log)->Root();
  ASSERT_TRUE(root.ok()) << root.status();
  std::string seen;
  const absl::Status status =
      (*log)->ForEachField(*root, [&](std::string_view key, JsonValue value) {
        std::string text;
        absl::Status read = (*log)->Read(value, key, text);
        seen += fmt::format("{}=<{}>", key, text);
        return read;
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, R"(a=<x\>b=<y"\">c=<\\>)");
  EXPECT_TRUE((*log)->CheckEnd().ok());
}

}  // namespace
}  // namespace stored::reports::sarif
