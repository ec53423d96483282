#include "reports/sarif/result/message.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stored::reports::sarif {
namespace {

const std::vector<std::string>& Arguments() {
  static const std::vector<std::string> arguments = {"zero", "{1}", "two"};
  return arguments;
}

std::optional<std::string> Format(std::string_view text, size_t max_bytes = 1000) {
  auto formatted = FormatMessage(text, Arguments(), max_bytes);
  if (!formatted.has_value()) return std::nullopt;
  return std::move(formatted->text);
}

TEST(SarifMessage, Format_ReplacesPlaceholdersOnce) {
  EXPECT_EQ(Format("{0}, {2}, {0}"), "zero, two, zero");
  // Placeholders in an argument are not replaced.
  EXPECT_EQ(Format("<{1}>"), "<{1}>");
}

TEST(SarifMessage, Format_DoubledBracesAreOne) {
  EXPECT_EQ(Format("{{0}} {{{0}}} }}{{"), "{0} {zero} }{");
  EXPECT_EQ(Format("no braces"), "no braces");
  EXPECT_EQ(Format(""), "");
}

TEST(SarifMessage, Format_OtherBraces_AreKept) {
  for (const std::string text :
       {"{}", "{x}", "{0", "}", "a } b", "{-1}", "{0 }", "{ 0}", "{99999999999999999999}", "{"}) {
    EXPECT_EQ(Format(text), text);
    // A placeholder beside such a brace is replaced.
    EXPECT_EQ(Format("{2}" + text + " {0}"), "two" + text + " zero");
  }
}

TEST(SarifMessage, Format_MissingArgument_PlaceholderIsKeptAndReported) {
  const auto formatted = FormatMessage("{0} {4} {3}", Arguments(), 1000);
  ASSERT_TRUE(formatted.has_value());
  EXPECT_EQ(formatted->text, "zero {4} {3}");
  EXPECT_EQ(formatted->missing_argument, 4u);
  EXPECT_EQ(FormatMessage("{0} {x}", Arguments(), 1000)->missing_argument, std::nullopt);
}

TEST(SarifMessage, Format_ManyBraces_TakeLinearTime) {
  std::string text;
  for (int i = 0; i < 500'000; ++i) text += "{a";
  EXPECT_EQ(Format(text, 2 * text.size()), text);
}

TEST(SarifMessage, Format_TooLong_Nothing) {
  EXPECT_EQ(Format("{0}{0}", 8), "zerozero");
  EXPECT_EQ(Format("{0}{0}", 7), std::nullopt);
}

}  // namespace
}  // namespace stored::reports::sarif
