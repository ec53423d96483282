#include "base/text/json_fault.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace stored {
namespace {

// Returns "" if there is no fault.
std::string FaultOf(std::string_view text, uint32_t max_depth = 8) {
  const auto fault = FindJsonFault(text, max_depth);
  return fault.has_value() ? ToString(*fault) : "";
}

TEST(JsonFault, WellFormedText_HasNoFault) {
  for (const std::string_view text :
       {"{}", "[]", " [ ] ", "null", "true", "false", "0", "-1.5e+10", "12E-3", "\"\"",
        R"("\"\\\/\b\f\n\r\t\u00e9\ud800")", R"({"a": [1, {"b": null}, []], "c": {}})",
        "[[[[[[[[1]]]]]]]]", "\r\n\t{\"a\" : \"\xff\xc3\" }\n"}) {
    EXPECT_EQ(FaultOf(text), "") << text;
  }
}

TEST(JsonFault, MissingCommaOrColon_IsReportedAtTheNextToken) {
  EXPECT_EQ(FaultOf("{\"a\": []\n \"b\": 1}"), "line 2, column 2: expected ',' or '}', not '\"'");
  EXPECT_EQ(FaultOf("[1 2]"), "line 1, column 4: expected ',' or ']', not '2'");
  EXPECT_EQ(FaultOf("{\"a\" 1}"), "line 1, column 6: expected ':', not '1'");
  EXPECT_EQ(FaultOf("[1}"), "line 1, column 3: expected ',' or ']', not '}'");
  EXPECT_EQ(FaultOf("{'a': 1}"), "line 1, column 2: expected a name in double quotes, not '''");
  EXPECT_EQ(FaultOf("{1: 1}"), "line 1, column 2: expected a name in double quotes, not '1'");
  EXPECT_EQ(FaultOf("[,1]"), "line 1, column 2: expected a value, not ','");
  EXPECT_EQ(FaultOf("[1,,1]"), "line 1, column 4: expected a value, not ','");
}

TEST(JsonFault, TrailingComma_IsReportedAtTheComma) {
  EXPECT_EQ(FaultOf("[1,\n]"), "line 1, column 3: a comma before ']'");
  EXPECT_EQ(FaultOf("{\"a\": {\"b\": 1},}"), "line 1, column 15: a comma before '}'");
  EXPECT_EQ(FaultOf("[[1], ]"), "line 1, column 5: a comma before ']'");
}

TEST(JsonFault, Comments_AreNamed) {
  const std::string fault = ": a comment begins here; JSON has no comments";
  EXPECT_EQ(FaultOf("// log\n{}"), "line 1, column 1" + fault);
  EXPECT_EQ(FaultOf("[/*c*/]"), "line 1, column 2" + fault);
  EXPECT_EQ(FaultOf("[1, // one\n 2]"), "line 1, column 5" + fault);
  EXPECT_EQ(FaultOf("{\"a\": 1 /* one */}"), "line 1, column 9" + fault);
  EXPECT_EQ(FaultOf("{\"a\" /**/: 1}"), "line 1, column 6" + fault);
  EXPECT_EQ(FaultOf("{/**/}"), "line 1, column 2" + fault);
  EXPECT_EQ(FaultOf("{}\n// end"), "line 2, column 1" + fault);
  EXPECT_EQ(FaultOf("[/]"), "line 1, column 2: expected a value, not '/'");
}

TEST(JsonFault, TruncatedText_IsReportedAtItsEnd) {
  EXPECT_EQ(FaultOf(""), "line 1, column 1: the text ends here, where a value is expected");
  EXPECT_EQ(FaultOf("{\"a\":\n"),
            "line 2, column 1: the text ends here, where a value is expected");
  EXPECT_EQ(FaultOf("[1"), "line 1, column 3: the text ends here, where ',' or ']' is expected");
  EXPECT_EQ(FaultOf("[\"ab"), "line 1, column 2: the text ends within the string that begins here");
  EXPECT_EQ(FaultOf("[\"ab\\"), "line 1, column 5: the text ends after a backslash");
  EXPECT_EQ(FaultOf("{} x"), "line 1, column 4: something follows the end of the JSON text");
}

TEST(JsonFault, Strings_BadEscapesAndControlCharacters) {
  EXPECT_EQ(FaultOf(R"(["C:\src"])"),
            "line 1, column 5: '\\s' is not an escape of JSON; a backslash itself is written "
            "\"\\\\\"");
  EXPECT_EQ(FaultOf("[\"\\\xe2\x82\xac\"]"),
            "line 1, column 3: '\\\xe2\x82\xac' is not an escape of JSON; a backslash itself is "
            "written \"\\\\\"");
  EXPECT_EQ(FaultOf(R"(["\u00g0"])"), "line 1, column 3: '\\u' without four hexadecimal digits");
  EXPECT_EQ(FaultOf("[\"a\nb\"]"),
            "line 1, column 4: the control character '\\n' in a string; it must be written as an "
            "escape");
}

TEST(JsonFault, Numbers_MustFollowTheGrammar) {
  EXPECT_EQ(FaultOf("[01]"), "line 1, column 3: a number that begins with 0");
  EXPECT_EQ(FaultOf("[1.]"), "line 1, column 4: expected a digit, not ']'");
  EXPECT_EQ(FaultOf("[-]"), "line 1, column 3: expected a digit, not ']'");
  EXPECT_EQ(FaultOf("[1e]"), "line 1, column 4: expected a digit, not ']'");
  EXPECT_EQ(FaultOf("[+1]"), "line 1, column 2: expected a value, not '+'");
  EXPECT_EQ(FaultOf("[NaN]"), "line 1, column 2: expected a value, not 'N'");
  EXPECT_EQ(FaultOf("[tru]"), "line 1, column 2: expected a value, not 't'");
}

TEST(JsonFault, Nesting_IsBounded) {
  EXPECT_EQ(FaultOf("[[[1]]]", 2),
            "line 1, column 3: arrays and objects are nested more than 2 deep");
  EXPECT_EQ(FaultOf(std::string(1 << 20, '['), 256),
            "line 1, column 257: arrays and objects are nested more than 256 deep");
}

TEST(JsonFault, Columns_CountCodePoints) {
  EXPECT_EQ(FaultOf("[\"\xc3\xa9\xe2\x82\xac\", x]"),
            "line 1, column 8: expected a value, not 'x'");
  EXPECT_EQ(FaultOf("[\xe2\x82\xac]"), "line 1, column 2: expected a value, not '\xe2\x82\xac'");
  EXPECT_EQ(PlaceIn("a\n\xc3\xa9"
                    "b",
                    4),
            (TextPlace{2, 2}));
  EXPECT_EQ(PlaceIn("ab", 100), (TextPlace{1, 3}));
}

}  // namespace
}  // namespace stored
