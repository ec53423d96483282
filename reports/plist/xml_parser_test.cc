// Compares XmlParser with pugixml on documents that use all ways in which XML may be written, and
// tests documents that are not well-formed.
#include "reports/plist/xml_parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <pugixml.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "base/testing/build_paths.h"
#include "reports/plist/document.h"
#include "reports/plist/xml_text.h"

namespace stored::reports {
namespace {

using Result = XmlParser::Result;

// Appends an element as text: its kind or name, and its content.
void Append(PlistNode node, const XmlElement& element, std::string& out) {
  constexpr std::array kKinds = {"dict", "array", "key", "true", "false", "other"};
  out += kKinds.at(static_cast<size_t>(element.kind));
  out += '(';
  bool any = false;
  const XmlElement* child_element = &element + 1;
  for (const PlistNode child : node.children()) {
    any = true;
    Append(child, *child_element, out);
    child_element += child_element->size;
  }
  std::string scratch;
  if (!any && element.kind != XmlElement::Kind::kTrue && element.kind != XmlElement::Kind::kFalse) {
    out += node.Text(scratch);
  }
  out += ')';
}

std::string Found(const std::string& bytes) {
  XmlParser parser(bytes);
  if (parser.Parse() != Result::kOk) return "";
  const std::vector<XmlElement> elements = parser.TakeElements();
  std::string out;
  for (size_t i = 0; i < elements.size(); i += elements[i].size) {
    Append(PlistNode(bytes.data(), &elements[i]), elements[i], out);
  }
  return out;
}

// Appends an element of pugixml's tree in the same form.
void Append(pugi::xml_node node, std::string& out) {
  const std::string_view name = node.name();
  const bool known =
      name == "dict" || name == "array" || name == "key" || name == "true" || name == "false";
  out += known ? name : "other";
  out += '(';
  bool any = false;
  std::string text;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) {
      any = true;
      Append(child, out);
    } else {
      text += child.value();
    }
  }
  if (!any && name != "true" && name != "false") out += text;
  out += ')';
}

std::string FoundByPugixml(const std::string& bytes) {
  pugi::xml_document document;
  const unsigned options =
      pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_ws_pcdata;
  if (!document.load_buffer(bytes.data(), bytes.size(), options, pugi::encoding_utf8)) return "";
  std::string out;
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_element) Append(node, out);
  }
  return out;
}

// Writes random documents.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string Document() {
    out_ = Chance(2) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" : "";
    Space();
    if (Chance(2)) out_ += "<!DOCTYPE plist PUBLIC \"-//Apple//DTD>\" '<x'>";
    Space();
    out_ += Chance(2) ? "<plist version=\"1.0\">" : "<plist a = '<b>' b=\"'>\" >";
    Element(0);
    Space();
    out_ += "</plist>";
    Space();
    if (Chance(4)) out_ += "<!-- the <end> -->\n";
    return out_;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Chance(size_t n) { return Below(n) == 0; }

  void Space() {
    static constexpr std::array<std::string_view, 6> kSpaces = {
        "", "\n", "\r\n\t", "                        ", "<!-- a <comment> -- -->", "<?go <on>?>"};
    out_ += kSpaces.at(Below(kSpaces.size()));
  }

  void Element(size_t depth) {
    Space();
    static constexpr std::array<std::string_view, 8> kLeaves = {
        "string", "integer", "key", "real", "true", "false", "keys", "integers"};
    if (depth < 5 && Chance(2)) {
      const std::string_view name = Chance(2) ? "dict" : "array";
      out_ += fmt::format("<{}{}>", name, Chance(5) ? " id='1'" : "");
      for (size_t i = Below(6); i > 0; --i) Element(depth + 1);
      Space();
      out_ += fmt::format("</{}{}>", name, Chance(5) ? " \n" : "");
      return;
    }
    const std::string_view name = kLeaves.at(Below(kLeaves.size()));
    if (Chance(6)) {
      out_ += fmt::format("<{}{}/>", name, Chance(2) ? " " : "");
      return;
    }
    out_ += fmt::format("<{}>", name);
    for (size_t i = Below(4); i > 0; --i) Text();
    out_ += fmt::format("</{}>", name);
  }

  void Text() {
    static constexpr std::array<std::string_view, 18> kTexts = {"a",
                                                                "some words of a message",
                                                                "&amp;",
                                                                "&lt;&gt;",
                                                                "&apos;&quot;",
                                                                "&#65;",
                                                                "&#x20ac;",
                                                                "&unknown;",
                                                                "&",
                                                                "&#;",
                                                                "\r\n",
                                                                "\r",
                                                                "caf\xc3\xa9 \xff",
                                                                "<![CDATA[<a>&amp;\r\n]]]]>",
                                                                "<!-- <b> -->",
                                                                "<?pi?>",
                                                                "0123456789abcdef",
                                                                " > "};
    out_ += kTexts.at(Below(kTexts.size()));
  }

  std::mt19937 random_;
  std::string out_;
};

TEST(XmlParser, AnyDocument_HasWhatPugixmlFinds) {
  size_t bytes = 0;
  for (unsigned seed = 0; seed < 5000; ++seed) {
    const std::string document = Writer(seed).Document();
    const std::string expected = FoundByPugixml(document);
    ASSERT_NE(expected, "") << document;
    ASSERT_EQ(Found(document), expected) << document;
    bytes += document.size();
  }
  EXPECT_GT(bytes, 1'000'000U);
}

std::string Sample(const std::string& name) {
  const absl::StatusOr<std::string> bytes =
      ReadFile(SourcePath("reports/plist/testdata/" + name), uint64_t{1} << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

TEST(XmlParser, Samples_HaveWhatPugixmlFinds) {
  for (const std::string name :
       {"clang.plist", "codechecker-clang-tidy.plist", "codechecker-clangsa.plist"}) {
    const std::string sample = Sample(name);
    EXPECT_NE(Found(sample), "");
    EXPECT_EQ(Found(sample), FoundByPugixml(sample)) << name;
  }
}

// Tags must be found at every offset within a block of bytes.
TEST(XmlParser, TagsAnywhere_AreFound) {
  for (size_t spaces = 0; spaces < 70; ++spaces) {
    const std::string document =
        fmt::format("<plist>{}<a><b/><c/><d/></a>{}</plist>{}", std::string(spaces, ' '),
                    std::string(spaces / 2, ' '), std::string(spaces % 17, '\n'));
    EXPECT_EQ(Found(document), "other(other(other()other()other()))") << spaces;
  }
}

// The text must be read or refused. The parser must not crash, hang, or report an element that ends
// outside the one around it.
TEST(XmlParser, BytesChanged_ReadOrRefused) {
  std::mt19937 random(4);
  constexpr std::string_view kTelling = "<>/!?-[]&;\"'= \n\rkistdC\xff";
  const std::string sample = Sample("codechecker-clang-tidy.plist");
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = sample.substr(0, 3000);
    if (round % 2 == 0) changed += "</string></dict></array></dict></plist>";
    for (unsigned change = 0; change <= random() % 3; ++change) {
      changed[random() % changed.size()] = kTelling[random() % kTelling.size()];
    }
    // An exact copy, so that the sanitizer notices reads behind its end.
    const std::string exact(changed.data(), changed.size());
    XmlParser parser(exact);
    if (parser.Parse() != Result::kOk) {
      ++refused;
      EXPECT_LE(parser.error_offset(), exact.size());
      continue;
    }
    const std::vector<XmlElement> elements = parser.TakeElements();
    std::vector<size_t> ends = {elements.size()};
    for (size_t i = 0; i < elements.size(); ++i) {
      while (i == ends.back()) ends.pop_back();
      ASSERT_LE(i + elements[i].size, ends.back());
      ends.push_back(i + elements[i].size);
      ASSERT_LE(elements[i].text_begin, elements[i].text_end);
      ASSERT_LE(elements[i].text_end, exact.size());
      ASSERT_GE(elements[i].size, 1U);
    }
  }
  EXPECT_GT(refused, 10'000U);
}

void ExpectRefused(const std::string& document, Result result) {
  XmlParser parser(document);
  EXPECT_EQ(parser.Parse(), result) << document << ": " << parser.error();
  EXPECT_STRNE(parser.error(), "");
}

TEST(XmlParser, NotWellFormed_Refused) {
  for (const std::string document :
       {"<a></b>", "<a></a></a>", "<a><b></a></b>", "<a b></a>", "<a b=c></a>",
        "<a b='c'd='e'></a>", "< a></a>", "<1></1>", "<a></ a>", "<a><!x></a>",
        "<a><!DOCTYPE a></a>", "<a/ >", "<a></a b>", "<key>k</kez>", "<key a='>'k</key>"}) {
    ExpectRefused(document + ">", Result::kMalformed);
  }
}

TEST(XmlParser, CutShort_Refused) {
  for (const std::string document :
       {"<a", "<a>", "<a>text", "<a b='", "<a><!-- ", "<a><![CDATA[ ]]", "<a></a", "<?xml ",
        "<!DOCTYPE a \"x>", "<a><!-- > ", "<a b='> ", "<a><", "<key>k</key", "<a><string>s",
        "<key>k<integer>1</integer>"}) {
    ExpectRefused(document, Result::kCutShort);
  }
}

TEST(XmlParser, Depth_HasABound) {
  std::string document;
  for (size_t i = 0; i <= XmlParser::kMaxDepth; ++i) document += "<a>";
  ExpectRefused(document, Result::kTooDeep);
}

TEST(XmlParser, Elements_HaveABound) {
  std::string document = "<plist>";
  for (int i = 0; i < 5000; ++i) document += "<a/>";
  ExpectRefused(document + "</plist>", Result::kTooManyElements);
}

std::string Decoded(std::string_view raw) {
  std::string text = "before";
  DecodeXmlText(raw, text);
  return text;
}

TEST(XmlText, References_Replaced) {
  EXPECT_EQ(Decoded("a &amp; b &lt;&gt;&quot;&apos;"), "a & b <>\"'");
  EXPECT_EQ(Decoded("&#38;&#x26;&#xe9;&#8364;&#x1F600;"), "&&\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(Decoded("&amp"), "&amp");
  EXPECT_EQ(Decoded("&#0;&#x110000;&#xx;&#-1;&;&nbsp;"), "&#0;&#x110000;&#xx;&#-1;&;&nbsp;");
  EXPECT_EQ(Decoded("&amp;amp;"), "&amp;");
}

TEST(XmlText, Plain_IsWhatMeansItself) {
  for (size_t size = 0; size < 70; ++size) {
    const std::string plain(size, 'x');
    EXPECT_TRUE(IsPlainXmlText(plain)) << size;
    for (size_t at = 0; at < size; ++at) {
      for (const char c : {'&', '\r'}) {
        std::string coded = plain;
        coded[at] = c;
        EXPECT_FALSE(IsPlainXmlText(coded)) << size << " at " << at;
      }
    }
  }
}

}  // namespace
}  // namespace stored::reports
