#include "reports/sarif/message.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace stored::reports::sarif {
namespace {

const std::vector<std::string>& Arguments() {
  static const std::vector<std::string> arguments = {"zero", "{1}", "two"};
  return arguments;
}

std::optional<std::string> Format(std::string_view text, size_t max_bytes = 1000) {
  return FormatMessage(text, Arguments(), max_bytes);
}

TEST(SarifMessage, Format_ReplacesPlaceholdersOnce) {
  EXPECT_EQ(Format("{0}, {2}, {0}"), "zero, two, zero");
  // An argument is not looked at again.
  EXPECT_EQ(Format("<{1}>"), "<{1}>");
}

TEST(SarifMessage, Format_DoubledBracesAreOne) {
  EXPECT_EQ(Format("{{0}} {{{0}}} }}{{"), "{0} {zero} }{");
  EXPECT_EQ(Format("no braces"), "no braces");
  EXPECT_EQ(Format(""), "");
}

TEST(SarifMessage, Format_WhatIsNoMessageString_IsNothing) {
  for (const std::string text : {"{}", "{x}", "{0", "}", "a } b", "{-1}", "{3}", "{0 }", "{ 0}",
                                 "{99999999999999999999}", "{"}) {
    EXPECT_EQ(Format(text), std::nullopt) << text;
  }
}

TEST(SarifMessage, Format_TooLong_IsNothing) {
  EXPECT_EQ(Format("{0}{0}", 8), "zerozero");
  EXPECT_EQ(Format("{0}{0}", 7), std::nullopt);
}

}  // namespace
}  // namespace stored::reports::sarif
