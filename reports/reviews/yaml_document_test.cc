#include "reports/reviews/yaml_document.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stored::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Returns the tree in one line, such as "{a: [1, 'x']}", with quotes around texts that had quotes.
std::string Shown(const YamlDocument& document, uint32_t at = 0, int depth = 0) {
  const YamlNode& node = document.nodes[at];
  if (depth > 5) return "...";
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "~";
    case YamlNode::Kind::kScalar:
      return node.plain ? node.text : "'" + node.text + "'";
    case YamlNode::Kind::kSequence:
    case YamlNode::Kind::kMapping:
      break;
  }
  const bool map = node.kind == YamlNode::Kind::kMapping;
  std::string text;
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text += map && i % 2 == 1 ? ": " : ", ";
    text += Shown(document, node.children[i], depth + 1);
  }
  return map ? "{" + text + "}" : "[" + text + "]";
}

std::string Read(const std::string& text) {
  const absl::StatusOr<YamlDocument> document = ReadYaml(text, "r.yaml");
  return document.ok() ? Shown(*document) : std::string(document.status().message());
}

TEST(YamlDocumentTest, ReadYaml_TreeOfEveryKind) {
  EXPECT_EQ(Read("a: 1\nb:\n  - x\n  - \"y\"\nc: {d: ~, e: }\n"),
            "{a: 1, b: [x, 'y'], c: {d: ~, e: ~}}");
  EXPECT_EQ(Read("a: |\n  one\n  two\nb: >\n  one\n  two\n"), "{a: 'one\ntwo\n', b: 'one two\n'}");
  EXPECT_EQ(Read("a: 1\r\nb: 2\r\n"), "{a: 1, b: 2}");
}

TEST(YamlDocumentTest, ReadYaml_Nothing_IsNull) {
  EXPECT_EQ(Read(""), "~");
  EXPECT_EQ(Read("# only a comment\n"), "~");
}

TEST(YamlDocumentTest, ReadYaml_Places_AreOneBased) {
  const absl::StatusOr<YamlDocument> document = ReadYaml("a: 1\nb:\n  - x\n", "r.yaml");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(PlaceOf(document->nodes.back(), "r.yaml"), "r.yaml: line 3, column 5");
}

TEST(YamlDocumentTest, ReadYaml_Alias_IsTheSameNode) {
  EXPECT_EQ(Read("a: &x [1]\nb: *x\n"), "{a: [1], b: [1]}");
  EXPECT_EQ(Read("a: &x [*x]\n"), "{a: [[[[[...]]]]]}");
}

TEST(YamlDocumentTest, ReadYaml_AliasBomb_IsNotExpanded) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    text += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  const absl::StatusOr<YamlDocument> document = ReadYaml(text, "r.yaml");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_LT(document->nodes.size(), 200U);
}

TEST(YamlDocumentTest, ReadYaml_SyntaxError_HasLineAndColumn) {
  EXPECT_THAT(Read("a: 1\n  - b: 2\n"), StartsWith("r.yaml: line 2, column "));
  EXPECT_THAT(Read("a: [1, 2\nb: 3\n"), HasSubstr("not valid YAML"));
  EXPECT_THAT(Read("a: \"open\n"), StartsWith("r.yaml: line "));
  EXPECT_THAT(Read("\ta: 1\n"), StartsWith("r.yaml: line 1"));
}

TEST(YamlDocumentTest, ReadYaml_StarWithoutQuotes_ErrorAsksForQuotes) {
  EXPECT_THAT(Read("a: */test/*\n"), HasSubstr("needs quotes"));
  EXPECT_THAT(Read("a: *x\n"), HasSubstr("needs quotes"));
}

TEST(YamlDocumentTest, ReadYaml_SecondDocument_IsRefused) {
  EXPECT_EQ(Read("a: 1\n---\nb: 2\n"),
            "r.yaml: line 3, column 1: a second document begins; only one is read");
  EXPECT_EQ(Read("---\na: 1\n...\n"), "{a: 1}");
}

TEST(YamlDocumentTest, ReadYaml_ControlCharacter_IsNotTheEnd) {
  EXPECT_EQ(Read("a: 1\nb: \x04 2\nc: 3\n"), "r.yaml: line 2, column 4: control character \\x04");
  EXPECT_EQ(Read(std::string("a: \0b\n", 6)), "r.yaml: line 1, column 4: control character \\x00");
}

TEST(YamlDocumentTest, ReadYaml_NotUtf8_NamesTheLine) {
  EXPECT_EQ(Read("a: 1\nb: caf\xe9\n"), "r.yaml: line 2: not UTF-8");
}

TEST(YamlDocumentTest, ReadYaml_NestedTooDeep_IsRefused) {
  EXPECT_THAT(Read(std::string(100'000, '[')), HasSubstr("nested more than 64 deep"));
  std::string block;
  for (int i = 0; i < 1000; ++i) block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(Read(block), HasSubstr("nested more than 64 deep"));
}

TEST(YamlDocumentTest, ReadYaml_TooManyValues_IsRefused) {
  std::string text = "[";
  for (size_t i = 0; i < kMaxYamlNodes + 1; ++i) text += "a,";
  EXPECT_THAT(Read(text + "]"), HasSubstr("more than 200000 values"));
}

}  // namespace
}  // namespace stored::reports
