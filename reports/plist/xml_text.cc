#include "reports/plist/xml_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text/text.h"
#include "reports/plist/byte_block.h"

namespace stored::reports {
namespace {

constexpr std::string_view kComment = "<!--";
constexpr std::string_view kSection = "<![CDATA[";
constexpr uint32_t kMaxCodePoint = 0x10ffff;

// Returns the code point of the reference `name` ("amp", "#38", "#x26").
std::optional<uint32_t> CodePointOf(std::string_view name) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [entity, character] : kEntities) {
    if (name == entity) return static_cast<uint8_t>(character);
  }
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  if (hexadecimal) name.remove_prefix(1);
  uint32_t code_point = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, code_point, hexadecimal ? 16 : 10);
  const bool known = parsed.ec == std::errc() && parsed.ptr == end && code_point != 0 &&
                     code_point <= kMaxCodePoint;
  return known ? std::optional(code_point) : std::nullopt;
}

// Appends the reference that `rest` begins with; returns its length in bytes.
size_t AppendReference(std::string_view rest, std::string& text) {
  constexpr size_t kLongest = 32;
  const size_t end = rest.substr(0, kLongest).find(';');
  if (end != std::string_view::npos) {
    if (const auto code_point = CodePointOf(rest.substr(1, end - 1))) {
      AppendUtf8(*code_point, text);
      return end + 1;
    }
  }
  text += '&';
  return 1;
}

// Appends a line end as XML defines it (section 2.11): \r\n and \r become \n. Returns its length in
// bytes.
size_t AppendLineEnd(std::string_view rest, std::string& text) {
  text += '\n';
  return rest.substr(1).starts_with('\n') ? 2 : 1;
}

void AppendWithLineEnds(std::string_view section, std::string& text) {
  while (!section.empty()) {
    const size_t plain = std::min(section.find('\r'), section.size());
    text += section.substr(0, plain);
    section.remove_prefix(plain);
    if (!section.empty()) section.remove_prefix(AppendLineEnd(section, text));
  }
}

// Appends the text within the markup that `rest` begins with; returns the markup's length in bytes.
// REQUIRES: the markup is closed.
size_t AppendMarkup(std::string_view rest, std::string& text) {
  if (rest.starts_with(kSection)) {
    const size_t end = rest.find("]]>", kSection.size());
    AppendWithLineEnds(rest.substr(kSection.size(), end - kSection.size()), text);
    return end + 3;
  }
  if (rest.starts_with(kComment)) return rest.find("-->", kComment.size()) + 3;
  return rest.find("?>", 2) + 2;
}

template <typename Word>
Word Load(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Returns true if one of its bytes is 0.
bool HasZero(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  return ((word - kOnes) & ~word & (kOnes << 7)) != 0;
}

// Returns true if one of its bytes is '&' or '\r'.
bool IsCoded(uint64_t word) {
  return HasZero(word ^ 0x2626262626262626) || HasZero(word ^ 0x0d0d0d0d0d0d0d0d);
}

}  // namespace

bool IsPlainXmlText(std::string_view raw) {
  const char* at = raw.data();
  const char* const end = at + raw.size();
  if (raw.size() >= kByteBlock) {
    uint32_t coded = 0;
    for (; at < end; at += kByteBlock) {
      // The last block overlaps the one before.
      at = std::min(at, end - kByteBlock);
      coded |= BytesThatAre('&', at) | BytesThatAre('\r', at);
    }
    return coded == 0;
  }
  // Most keys and numbers are shorter than a block. The first and the last word may overlap.
  if (raw.size() >= sizeof(uint64_t)) {
    return !IsCoded(Load<uint64_t>(at)) && !IsCoded(Load<uint64_t>(end - sizeof(uint64_t)));
  }
  if (raw.size() >= sizeof(uint32_t)) {
    return !IsCoded(Load<uint32_t>(at) | uint64_t{Load<uint32_t>(end - sizeof(uint32_t))} << 32);
  }
  bool plain = true;
  for (; at != end; ++at) plain &= *at != '&' && *at != '\r';
  return plain;
}

void DecodeXmlText(std::string_view raw, std::string& text) {
  text.clear();
  while (!raw.empty()) {
    const size_t plain = std::min(raw.find_first_of("&\r<"), raw.size());
    text += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) return;
    switch (raw.front()) {
      case '&':
        raw.remove_prefix(AppendReference(raw, text));
        break;
      case '\r':
        raw.remove_prefix(AppendLineEnd(raw, text));
        break;
      default:
        raw.remove_prefix(AppendMarkup(raw, text));
        break;
    }
  }
}

}  // namespace stored::reports
