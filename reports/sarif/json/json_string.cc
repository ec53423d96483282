#include "reports/sarif/json/json_string.h"

#include <simdjson.h>

#include <charconv>
#include <cstdint>

#include "base/text/text.h"

namespace stored::reports::sarif {
namespace {

// Returns the length of the well-formed UTF-8 sequence at `at` (RFC 3629), or 0 if there is none.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0};
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Returns the value of the four hexadecimal digits at `at`.
std::optional<uint32_t> HexUnit(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  uint32_t unit = 0;
  const char* const end = text.data() + at + 4;
  const auto result = std::from_chars(text.data() + at, end, unit, 16);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return unit;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// Appends the character of the \u escape whose digits start at `at`. Returns the index after the
// escape, or nothing if it does not have four digits.
std::optional<size_t> AppendUnicodeEscape(std::string_view raw, size_t at, std::string& out) {
  const auto unit = HexUnit(raw, at);
  if (!unit.has_value()) return std::nullopt;
  if (IsHighSurrogate(*unit) && raw.substr(at + 4, 2) == "\\u") {
    const auto low = HexUnit(raw, at + 6);
    if (low.has_value() && IsLowSurrogate(*low)) {
      AppendUtf8(0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), out);
      return at + 10;
    }
  }
  if (*unit >= 0xdc80 && *unit <= 0xdcff) {
    out += static_cast<char>(*unit & 0xff);
  } else {
    AppendUtf8(IsHighSurrogate(*unit) || IsLowSurrogate(*unit) ? 0xfffd : *unit, out);
  }
  return at + 4;
}

// Returns the character for a backslash and `c`; NUL, which no such escape means, if they are not
// an escape.
char SimpleEscape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '/':
      return c;
    default:
      return '\0';
  }
}

}  // namespace

std::string ReplaceIllFormedBytes(std::string_view text) {
  std::string replaced;
  replaced.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text, i);
    if (length == 0) {
      AppendUtf8(0x10ff00u + static_cast<uint8_t>(text[i]), replaced);
      ++i;
    } else {
      replaced.append(text, i, length);
      i += length;
    }
  }
  return replaced;
}

void RestoreBytes(std::string& text) {
  constexpr std::string_view kLead = "\xf4\x8f";
  size_t out = 0;
  for (size_t i = 0; i < text.size(); ++out) {
    const bool replaced = text.compare(i, 2, kLead) == 0 && i + 4 <= text.size() &&
                          static_cast<uint8_t>(text[i + 2]) >= 0xbe;
    if (replaced) {
      // U+10FFxx is F4 8F, followed by the upper two and the lower six bits of xx.
      text[out] = static_cast<char>(((text[i + 2] & 0x3) << 6) | (text[i + 3] & 0x3f));
      i += 4;
    } else {
      text[out] = text[i++];
    }
  }
  text.resize(out);
}

std::optional<std::string> Unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (size_t i = 0; i < raw.size();) {
    const size_t backslash = raw.find('\\', i);
    text.append(raw.substr(i, backslash - i));
    if (backslash == std::string_view::npos) break;
    i = backslash + 2;
    const char c = i <= raw.size() ? raw[backslash + 1] : '\0';
    if (c == 'u') {
      const std::optional<size_t> next = AppendUnicodeEscape(raw, i, text);
      if (!next.has_value()) return std::nullopt;
      i = *next;
      continue;
    }
    const char meant = SimpleEscape(c);
    if (meant == '\0') return std::nullopt;
    text += meant;
  }
  return text;
}

}  // namespace stored::reports::sarif
