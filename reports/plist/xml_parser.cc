#include "reports/plist/xml_parser.h"

#include <bit>
#include <cstring>

#include "reports/plist/byte_block.h"

namespace stored::reports {
namespace {

using Kind = XmlElement::Kind;

// The densest possible plist consists of elements like <true/> with keys between them.
constexpr size_t kBytesPerElement = 6;
constexpr size_t kElementsAtLeast = 1024;
// The density in the output of analyzers. If there are more elements, growing the list takes a
// copy.
constexpr size_t kUsualBytesPerElement = 24;

constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The bytes that can be in a name: all but those that end one.
constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> bytes{};
  for (size_t c = '!'; c < bytes.size(); ++c) bytes[c] = true;
  for (const char c : {'<', '>', '/', '=', '"', '\'', '&', '?', '!'}) {
    bytes[static_cast<uint8_t>(c)] = false;
  }
  return bytes;
}();

bool IsNameByte(char c) { return kNameBytes[static_cast<uint8_t>(c)]; }
bool StartsName(char c) { return IsNameByte(c) && c != '-' && c != '.' && (c < '0' || c > '9'); }

Kind KindOf(std::string_view name) {
  if (name == "key") return Kind::kKey;
  if (name == "dict") return Kind::kDictionary;
  if (name == "array") return Kind::kArray;
  if (name == "true") return Kind::kTrue;
  return name == "false" ? Kind::kFalse : Kind::kOther;
}

// Returns the index of the first tag, or kByteBlock if there is none. Branch-free, because a branch
// could not be predicted.
uint32_t FirstOf(uint32_t tags) {
  return static_cast<uint32_t>(std::countr_zero(tags | uint32_t{1} << kByteBlock));
}
uint32_t WithoutFirst(uint32_t tags) { return tags & (tags - 1); }

}  // namespace

XmlParser::XmlParser(const std::string& bytes)
    : begin_(bytes.data()),
      end_(begin_ + bytes.size()),
      max_elements_(kElementsAtLeast + bytes.size() / kBytesPerElement),
      searched_(begin_),
      tag_(begin_) {}

void XmlParser::FindTags() {
  found_ = 0;
  next_ = 0;
  while (found_ + kByteBlock <= tags_.size() && Left(searched_) >= kByteBlock) {
    const uint32_t offset = Offset(searched_);
    const uint32_t first = BytesThatAre('<', searched_);
    const uint32_t second = WithoutFirst(first);
    searched_ += kByteBlock;
    tags_[found_] = offset + FirstOf(first);
    tags_[found_ + 1] = offset + FirstOf(second);
    found_ += (first != 0 ? 1 : 0) + (second != 0 ? 1 : 0);
    // Blocks with more than two tags are rare.
    for (uint32_t more = WithoutFirst(second); more != 0; more = WithoutFirst(more)) {
      tags_[found_++] = offset + FirstOf(more);
    }
  }
  if (found_ + kByteBlock > tags_.size()) return;
  for (; searched_ != end_; ++searched_) {
    if (*searched_ == '<') tags_[found_++] = Offset(searched_);
  }
  tags_[found_++] = Offset(end_);
}

void XmlParser::ContinueAt(const char* at) {
  while (NextTag() < at) ++next_;
}

XmlParser::Result XmlParser::Parse() {
  elements_.reserve(Left(begin_) / kUsualBytesPerElement);
  while (true) {
    tag_ = NextTag();
    if (tag_ == end_) break;
    ++next_;
    if (!ReadTag()) return result_;
  }
  if (!open_.empty()) Fail("an element is not closed");
  return result_;
}

bool XmlParser::ReadTag() {
  // The elements of which nearly all of a plist consists come first.
  switch (tag_[1]) {
    case 'k':
      return ReadShort("key", Kind::kKey) || ReadStartTag();
    case 'i':
      return ReadShort("integer", Kind::kOther) || ReadStartTag();
    case 's':
      return ReadShort("string", Kind::kOther) || ReadStartTag();
    case '/':
      return ReadEndTag();
    case '!':
      return ReadDeclaration();
    case '?':
      NoteMarkup();
      return PassTo("?>", tag_ + 2, "an instruction is not closed");
    default:
      return ReadStartTag();
  }
}

// Reads a start tag without attributes, text and the end tag. Returns false and does nothing if
// anything else is there.
template <size_t N>
bool XmlParser::ReadShort(const char (&name)[N], Kind kind) {
  constexpr size_t kName = N - 1;
  const char* const text = tag_ + 1 + kName + 1;
  const char* const end_tag = NextTag();
  if (Left(end_tag) < 2 + kName + 1 || text > end_tag || open_.empty() ||
      elements_.size() == max_elements_) {
    return false;
  }
  const bool is_short = std::memcmp(tag_ + 1, name, kName) == 0 && text[-1] == '>' &&
                        end_tag[1] == '/' && std::memcmp(end_tag + 2, name, kName) == 0 &&
                        end_tag[2 + kName] == '>';
  if (!is_short) return false;
  elements_.push_back({.text_begin = Offset(text), .text_end = Offset(end_tag), .kind = kind});
  ++next_;
  return true;
}

bool XmlParser::ReadStartTag() {
  const char* at = tag_ + 1;
  if (!StartsName(*at)) return Fail("a tag does not have a name");
  while (IsNameByte(*at)) ++at;
  const std::string_view name(tag_ + 1, static_cast<size_t>(at - tag_ - 1));
  if (elements_.size() == max_elements_) {
    return Fail("too many elements", Result::kTooManyElements);
  }
  if (elements_.empty()) root_name_ = name;
  if (*at != '>' && *at != '/' && !PassAttributes(at)) return false;
  const bool empty = *at == '/';
  if (empty) ++at;
  if (*at != '>') return Fail("a tag is not closed");
  ++at;
  if (!empty && open_.size() == kMaxDepth) return Fail("nested too deep", Result::kTooDeep);
  if (!empty) open_.push_back({.element = static_cast<uint32_t>(elements_.size()), .name = name});
  elements_.push_back({.text_begin = Offset(at), .text_end = Offset(at), .kind = KindOf(name)});
  return true;
}

// Skips attributes. `at` is after the tag's name, and is moved to the '>' or '/' that ends the tag.
bool XmlParser::PassAttributes(const char*& at) {
  while (*at != '>' && *at != '/') {
    if (!IsSpace(*at)) return Fail("a tag is not closed");
    while (IsSpace(*at)) ++at;
    if (*at == '>' || *at == '/') break;
    if (!StartsName(*at)) return Fail("an attribute does not have a name");
    while (IsNameByte(*at)) ++at;
    while (IsSpace(*at)) ++at;
    if (*at != '=') return Fail("an attribute does not have a value");
    ++at;
    while (IsSpace(*at)) ++at;
    if (*at != '"' && *at != '\'') return Fail("an attribute's value is not in quotes");
    const void* const quote = std::memchr(at + 1, *at, Left(at + 1));
    if (quote == nullptr) return Fail("an attribute's value is not closed", Result::kCutShort);
    at = static_cast<const char*>(quote) + 1;
  }
  ContinueAt(at);
  return true;
}

bool XmlParser::ReadEndTag() {
  if (open_.empty()) return Fail("an end tag does not have a start tag");
  const Open& open = open_.back();
  const char* at = tag_ + 2;
  if (Left(at) < open.name.size() || std::memcmp(at, open.name.data(), open.name.size()) != 0) {
    return Fail("an end tag does not match its start tag");
  }
  at += open.name.size();
  while (IsSpace(*at)) ++at;
  if (*at != '>') return Fail("an end tag does not match its start tag");
  XmlElement& element = elements_[open.element];
  element.size = static_cast<uint32_t>(elements_.size()) - open.element;
  if (element.size == 1) element.text_end = Offset(tag_);
  open_.pop_back();
  return true;
}

// Reads a construct that begins with "<!".
bool XmlParser::ReadDeclaration() {
  const std::string_view rest(tag_, Left(tag_));
  if (rest.starts_with("<!--")) {
    NoteMarkup();
    return PassTo("-->", tag_ + 4, "a comment is not closed");
  }
  if (rest.starts_with("<![CDATA[")) {
    NoteMarkup();
    return PassTo("]]>", tag_ + 9, "a CDATA section is not closed");
  }
  if (rest.starts_with("<!DOCTYPE") && elements_.empty()) return ReadDocumentType();
  return Fail("a markup declaration that is not allowed here");
}

bool XmlParser::ReadDocumentType() {
  for (const char* at = tag_; at != end_; ++at) {
    switch (*at) {
      case '[':
        return Fail("declarations", Result::kEntitiesDeclared);
      case '>':
        ContinueAt(at);
        return true;
      case '"':
      case '\'': {
        const void* const quote = std::memchr(at + 1, *at, Left(at + 1));
        if (quote == nullptr) return Fail("the document type is not closed", Result::kCutShort);
        at = static_cast<const char*>(quote);
        break;
      }
      default:
        break;
    }
  }
  return Fail("the document type is not closed", Result::kCutShort);
}

bool XmlParser::PassTo(std::string_view mark, const char* from, const char* unclosed) {
  const size_t found = std::string_view(begin_, Left(begin_)).find(mark, Offset(from));
  if (found == std::string_view::npos) return Fail(unclosed, Result::kCutShort);
  ContinueAt(begin_ + found);
  return true;
}

void XmlParser::NoteMarkup() {
  if (!open_.empty()) elements_[open_.back().element].has_markup = true;
}

bool XmlParser::Fail(const char* error, Result result) {
  error_ = error;
  result_ = result;
  // A fault in a last tag that is not closed means that the text is incomplete.
  if (result == Result::kMalformed && std::memchr(tag_, '>', Left(tag_)) == nullptr) {
    result_ = Result::kCutShort;
  }
  if (result_ == Result::kCutShort) tag_ = end_;
  return false;
}

}  // namespace stored::reports
