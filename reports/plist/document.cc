#include "reports/plist/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/plist/xml_text.h"

namespace stored::reports {
namespace {

constexpr size_t kLongestXmlDeclaration = 1000;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Returns the 1-based line of the byte at `offset`.
size_t LineAt(std::string_view bytes, size_t offset) {
  const std::string_view before = bytes.substr(0, std::min(offset, bytes.size()));
  return static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

absl::Status Invalid(const std::string& name, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", name, what));
}

// Checks those properties that can be seen without parsing.
absl::Status CheckStart(std::string_view bytes, const std::string& name) {
  if (bytes.substr(0, 6) == "bplist") {
    return Invalid(name, "a binary plist; convert it to XML (plutil -convert xml1)");
  }
  if (bytes.substr(0, 2) == "\xff\xfe" || bytes.substr(0, 2) == "\xfe\xff") {
    return Invalid(name, "the text is UTF-16; convert it to UTF-8");
  }
  std::string_view text = bytes;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos)
    return Invalid(name, "the file is empty; an XML plist was expected");
  if (text[start] != '<') return Invalid(name, "not XML: it does not start with '<'");
  if (const size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return Invalid(name,
                   fmt::format("line {}: not XML: it has a NUL character", LineAt(bytes, nul)));
  }
  return absl::OkStatus();
}

// Returns true if the XML declaration names this encoding (XML section 4.3.3). All other files are
// read as UTF-8.
bool DeclaresLatin1(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return false;
  std::string declaration(bytes.substr(0, std::min(bytes.find("?>"), kLongestXmlDeclaration)));
  absl::AsciiStrToLower(&declaration);
  std::erase_if(declaration, [](char c) { return absl::ascii_isspace(c); });
  for (const std::string_view name : {"iso-8859-1", "latin1"}) {
    for (const char quote : {'"', '\''}) {
      if (declaration.find(fmt::format("encoding={}{}{}", quote, name, quote)) !=
          std::string::npos) {
        return true;
      }
    }
  }
  return false;
}

std::string Utf8OfLatin1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char byte : bytes) AppendUtf8(static_cast<uint8_t>(byte), text);
  return text;
}

absl::Status ParseError(const XmlParser& parser, XmlParser::Result result, std::string_view bytes,
                        const std::string& name) {
  const size_t line = LineAt(bytes, parser.error_offset());
  switch (result) {
    case XmlParser::Result::kCutShort:
      return Invalid(
          name, fmt::format("line {}: cut short: the file ends before its last element", line));
    case XmlParser::Result::kTooManyElements:
      return absl::ResourceExhaustedError(
          fmt::format("{}: line {}: far more elements than a plist of {} bytes can hold", name,
                      line, bytes.size()));
    case XmlParser::Result::kTooDeep:
      return absl::ResourceExhaustedError(fmt::format(
          "{}: line {}: elements are nested more than {} deep", name, line, XmlParser::kMaxDepth));
    case XmlParser::Result::kEntitiesDeclared:
      // XmlParser does not expand entities; a file that uses them would be misread, and most such
      // files are attacks.
      return Invalid(name, "its document type declares entities, which a plist must not have");
    default:
      return Invalid(name, fmt::format("line {}: not well-formed XML: {}", line, parser.error()));
  }
}

// Checks that there is one outermost element, a <plist>, with one element in it, a <dict>.
absl::Status CheckOutermost(const std::vector<XmlElement>& elements, std::string_view root_name,
                            const std::string& name) {
  if (elements.empty()) return Invalid(name, "it does not have any element");
  if (elements[0].size != elements.size()) {
    return Invalid(name, "not a plist: it has more than one outermost element");
  }
  if (root_name != "plist") {
    return Invalid(name, fmt::format("not a plist: its outermost element is <{:.64}>, not <plist>",
                                     root_name));
  }
  if (elements.size() < 2 || elements[1].kind != XmlElement::Kind::kDictionary ||
      elements[1].size != elements.size() - 1) {
    return Invalid(name, "not an analyzer's plist: <plist> does not hold one <dict>");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PlistDocument> PlistDocument::Parse(const std::string& bytes,
                                                   const std::string& name) {
  STORED_RETURN_IF_ERROR(CheckStart(bytes, name));
  PlistDocument plist;
  const std::string* text = &bytes;
  if (DeclaresLatin1(bytes)) {
    plist.converted_ = std::make_unique<std::string>(Utf8OfLatin1(bytes));
    text = plist.converted_.get();
  }
  if (text->size() > XmlParser::kMaxBytes) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: {} bytes; at most {} are read", name, text->size(), XmlParser::kMaxBytes));
  }
  XmlParser parser(*text);
  const XmlParser::Result result = parser.Parse();
  if (result != XmlParser::Result::kOk) return ParseError(parser, result, *text, name);
  plist.bytes_ = text->data();
  plist.elements_ = parser.TakeElements();
  STORED_RETURN_IF_ERROR(CheckOutermost(plist.elements_, parser.root_name(), name));
  return plist;
}

std::string_view PlistNode::Text(std::string& scratch) const {
  const std::string_view raw = raw_text();
  if (raw.empty()) {
    if (Is(XmlElement::Kind::kTrue)) return "true";
    return Is(XmlElement::Kind::kFalse) ? "false" : raw;
  }
  if (!element_->has_markup && IsPlainXmlText(raw)) return raw;
  DecodeXmlText(raw, scratch);
  return scratch;
}

void PlistNode::ReadText(std::string& text) const {
  const std::string_view raw = Text(text);
  if (raw.data() != text.data()) text.assign(raw);
}

// Inline, because FindValue() calls it for every key of a dictionary.
inline bool PlistNode::TextIs(std::string_view text) const {
  // Decoding never makes a text longer.
  const std::string_view raw = raw_text();
  if (raw.size() <= text.size()) return raw == text;
  // Most texts already differ in the first character.
  if (!element_->has_markup && raw.front() != '&') {
    if (text.empty() || raw.front() != text.front()) return false;
    if (raw.find('&') == std::string_view::npos) return false;
  }
  std::string scratch;
  return Text(scratch) == text;
}

PlistNode PlistNode::FindValue(std::string_view key) const {
  PlistNode found;
  const Children all = children();
  for (auto at = all.begin(); at != all.end(); ++at) {
    const PlistNode name = *at;
    if (++at == all.end() || !name.IsKey()) break;
    if (name.TextIs(key)) found = *at;
  }
  return found;
}

}  // namespace stored::reports
