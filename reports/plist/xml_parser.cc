#include "reports/plist/xml_parser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace stored::reports {
namespace {

// The densest plist there can be is made of elements like <true/>, with keys between them.
constexpr size_t kBytesPerElement = 6;
constexpr size_t kElementsAtLeast = 1024;
// Of analyzers' plists; what they are on top costs a copy, what they are not costs address space.
constexpr size_t kUsualBytesPerElement = 16;

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What can be in a name: anything but what ends one.
constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> bytes{};
  bytes.fill(true);
  for (int c = 0; c <= ' '; ++c) bytes[static_cast<size_t>(c)] = false;
  for (const char c : {'<', '>', '/', '=', '"', '\'', '&', '?', '!'}) {
    bytes[static_cast<uint8_t>(c)] = false;
  }
  return bytes;
}();

bool IsNameByte(char c) { return kNameBytes[static_cast<uint8_t>(c)]; }
bool StartsName(char c) { return IsNameByte(c) && c != '-' && c != '.' && (c < '0' || c > '9'); }

XmlElement::Kind KindOf(std::string_view name) {
  using Kind = XmlElement::Kind;
  switch (name.size()) {
    case 3:
      return name == "key" ? Kind::kKey : Kind::kOther;
    case 4:
      if (name == "dict") return Kind::kDictionary;
      return name == "true" ? Kind::kTrue : Kind::kOther;
    case 5:
      if (name == "array") return Kind::kArray;
      return name == "false" ? Kind::kFalse : Kind::kOther;
    default:
      return Kind::kOther;
  }
}

}  // namespace

XmlParser::XmlParser(const std::string& bytes)
    : begin_(bytes.data()),
      end_(begin_ + bytes.size()),
      max_elements_(kElementsAtLeast + bytes.size() / kBytesPerElement),
      at_(begin_) {}

XmlParser::Result XmlParser::Parse() {
  elements_.reserve(std::min<size_t>(end_ - begin_, kMaxBytes) / kUsualBytesPerElement);
  while (true) {
    while (IsSpace(*at_)) ++at_;
    if (at_ == end_) break;
    if (!(*at_ == '<' ? ReadMarkup() : ReadText())) return result_;
  }
  if (!open_.empty()) Fail("an element is not closed");
  return result_;
}

bool XmlParser::ReadMarkup() {
  switch (at_[1]) {
    case '/':
      return ReadEndTag();
    case '!':
      return ReadDeclaration();
    case '?':
      if (!open_.empty()) elements_[open_.back().element].coded = true;
      return PassTo("?>", at_ + 2, "an instruction is not closed");
    default:
      return ReadStartTag();
  }
}

bool XmlParser::ReadText() {
  if (!NoteText()) return false;
  const void* const next = std::memchr(at_, '<', static_cast<size_t>(end_ - at_));
  if (next == nullptr) return Fail("an element is not closed");
  at_ = static_cast<const char*>(next);
  return true;
}

bool XmlParser::NoteText() {
  if (open_.empty()) return Fail("text outside of all elements");
  if (open_.back().has_elements) return Fail("text beside elements");
  open_.back().has_text = true;
  return true;
}

bool XmlParser::ReadStartTag() {
  const char* at = at_ + 1;
  if (!StartsName(*at)) return Fail("a tag without a name");
  while (IsNameByte(*at)) ++at;
  const std::string_view name(at_ + 1, static_cast<size_t>(at - at_ - 1));
  if (elements_.size() == max_elements_) {
    return Fail("too many elements", Result::kTooManyElements);
  }
  if (open_.empty()) {
    if (elements_.empty()) root_name_ = name;
  } else {
    if (open_.back().has_text) return Fail("text beside elements");
    open_.back().has_elements = true;
  }
  XmlElement& element = elements_.emplace_back();
  element.kind = KindOf(name);
  if (*at != '>' && *at != '/' && !PassAttributes(at)) return false;
  const bool empty = *at == '/';
  at += empty ? 1 : 0;
  if (*at != '>') return Fail("a tag is not closed");
  ++at;
  element.text_begin = element.text_end = static_cast<uint32_t>(at - begin_);
  if (empty) {
    at_ = at;
    return true;
  }
  // Most elements are a short text and the end tag.
  if (element.kind != XmlElement::Kind::kDictionary && element.kind != XmlElement::Kind::kArray) {
    const char* text_end = at;
    if (element.kind == XmlElement::Kind::kKey) {
      for (; *text_end != '<' && *text_end != '\0'; ++text_end) {
        element.coded |= *text_end == '&' || *text_end == '\r';
      }
    } else {
      const void* const found = std::memchr(at, '<', static_cast<size_t>(end_ - at));
      text_end = found == nullptr ? end_ : static_cast<const char*>(found);
    }
    const size_t rest = static_cast<size_t>(end_ - text_end);
    if (rest > name.size() + 2 && text_end[1] == '/' &&
        std::memcmp(text_end + 2, name.data(), name.size()) == 0 &&
        text_end[2 + name.size()] == '>') {
      element.text_end = static_cast<uint32_t>(text_end - begin_);
      at_ = text_end + name.size() + 3;
      return true;
    }
  }
  open_.push_back({.element = static_cast<uint32_t>(elements_.size() - 1), .name = name});
  at_ = at;
  return true;
}

// `at` is behind the name, and then behind the last attribute, at what closes the tag.
bool XmlParser::PassAttributes(const char*& at) {
  while (true) {
    if (!IsSpace(*at)) return Fail("a tag is not closed");
    while (IsSpace(*at)) ++at;
    if (*at == '>' || *at == '/') return true;
    if (!StartsName(*at)) return Fail("an attribute without a name");
    while (IsNameByte(*at)) ++at;
    while (IsSpace(*at)) ++at;
    if (*at != '=') return Fail("an attribute without a value");
    ++at;
    while (IsSpace(*at)) ++at;
    if (*at != '"' && *at != '\'') return Fail("an attribute's value without quotes");
    const void* const quote = std::memchr(at + 1, *at, static_cast<size_t>(end_ - at - 1));
    if (quote == nullptr) return Fail("an attribute's value is not closed");
    at = static_cast<const char*>(quote) + 1;
    if (*at == '>' || *at == '/') return true;
  }
}

bool XmlParser::ReadEndTag() {
  if (open_.empty()) return Fail("an end tag without a start tag");
  const Open& open = open_.back();
  const char* at = at_ + 2;
  const size_t rest = static_cast<size_t>(end_ - at);
  if (rest < open.name.size() || std::memcmp(at, open.name.data(), open.name.size()) != 0) {
    return Fail("an end tag does not match its start tag");
  }
  at += open.name.size();
  while (IsSpace(*at)) ++at;
  if (*at != '>') return Fail("an end tag does not match its start tag");
  XmlElement& element = elements_[open.element];
  element.size = static_cast<uint32_t>(elements_.size() - open.element);
  if (!open.has_elements) element.text_end = static_cast<uint32_t>(at_ - begin_);
  if (element.kind == XmlElement::Kind::kKey) {
    element.coded |= !IsPlainXmlText({begin_ + element.text_begin,
                                      element.text_end - element.text_begin});
  }
  open_.pop_back();
  at_ = at + 1;
  return true;
}

// What begins with "<!".
bool XmlParser::ReadDeclaration() {
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  if (rest.starts_with("<!--")) {
    if (!open_.empty()) elements_[open_.back().element].coded = true;
    return PassTo("-->", at_ + 4, "a comment is not closed");
  }
  if (rest.starts_with("<![CDATA[")) {
    if (!NoteText()) return false;
    elements_[open_.back().element].coded = true;
    return PassTo("]]>", at_ + 9, "a CDATA section is not closed");
  }
  if (rest.starts_with("<!DOCTYPE") && elements_.empty()) return ReadDocumentType();
  return Fail("neither a comment nor anything else that can be there");
}

bool XmlParser::ReadDocumentType() {
  for (const char* at = at_; at != end_; ++at) {
    switch (*at) {
      case '[':
        return Fail("declarations", Result::kEntitiesDeclared);
      case '>':
        at_ = at + 1;
        return true;
      case '"':
      case '\'': {
        const void* const quote = std::memchr(at + 1, *at, static_cast<size_t>(end_ - at - 1));
        if (quote == nullptr) return Fail("the document type is not closed");
        at = static_cast<const char*>(quote);
        break;
      }
      default:
        break;
    }
  }
  return Fail("the document type is not closed");
}

bool XmlParser::PassTo(std::string_view mark, const char* from, const char* unclosed) {
  const std::string_view rest(std::min(from, end_), static_cast<size_t>(end_ - std::min(from, end_)));
  const size_t found = rest.find(mark);
  if (found == std::string_view::npos) return Fail(unclosed);
  at_ = rest.data() + found + mark.size();
  return true;
}

bool XmlParser::Fail(const char* error, Result result) {
  error_ = error;
  result_ = result;
  // What fails after the last tag's end is what is not there.
  if (result == Result::kMalformed &&
      std::memchr(at_, '>', static_cast<size_t>(end_ - at_)) == nullptr) {
    result_ = Result::kCutShort;
    at_ = end_;
  }
  return false;
}

}  // namespace stored::reports
