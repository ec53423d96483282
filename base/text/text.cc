#include "base/text/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

namespace stored {
namespace {

// Returns the length of the well-formed sequence at the start of `text`, or 0. In the latter case
// `*bad` is set to the length of the maximal ill-formed part (Unicode 15, table 3-7).
size_t SequenceLength(std::string_view text, size_t* bad) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  *bad = 1;
  if (first < 0x80) return 1;
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) {
      *bad = i;
      return 0;
    }
    low = 0x80;
    high = 0xbf;
  }
  return length;
}

size_t AsciiPrefix(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (i < text.size() && static_cast<uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

// ControlAt() returns this noncharacter for U+0000, because it returns 0 if there is no control
// character.
constexpr char32_t kNul = 0xffff;

// Returns the control character at the start of `text`, or 0 if the first character is not one.
// Sets `*length` to its length in bytes. REQUIRES: `text` is not empty.
char32_t ControlAt(std::string_view text, size_t* length) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  *length = 1;
  if (byte(0) < 0x20 || byte(0) == 0x7f) return byte(0) == 0 ? kNul : byte(0);
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) {
    *length = 2;
    return byte(1);
  }
  if (byte(0) != 0xe2) return 0;
  *length = 3;
  if (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) return 0x2000 + (byte(2) - 0x80);
  if (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9) return 0x2040 + (byte(2) - 0x80);
  return 0;
}

// A character of a pattern or a text, and its length in bytes. A byte that is not part of a
// well-formed sequence is a character with a code beyond Unicode.
struct Character {
  uint32_t code = 0;
  size_t length = 1;
};

Character CharacterAt(std::string_view text, size_t at) {
  constexpr uint32_t kBeyondUnicode = 0x110000;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  size_t bad = 0;
  switch (SequenceLength(text.substr(at), &bad)) {
    case 2:
      return {(first & 0x1f) << 6 | (byte(1) & 0x3fU), 2};
    case 3:
      return {(first & 0x0f) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU), 3};
    case 4:
      return {(first & 0x07) << 18 | (byte(1) & 0x3fU) << 12 | (byte(2) & 0x3fU) << 6 |
                  (byte(3) & 0x3fU),
              4};
    default:
      return {kBeyondUnicode + first, 1};
  }
}

// Returns true if the set that begins at `*at` has the character, and sets `*at` to the index of
// its closing bracket. A set without a closing bracket is the character '['.
bool MatchSet(std::string_view pattern, size_t* at, uint32_t character) {
  size_t i = *at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  bool first = true;
  for (; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
    const Character low = CharacterAt(pattern, i);
    i += low.length;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      const Character high = CharacterAt(pattern, i + 1);
      found |= low.code <= character && character <= high.code;
      i += 1 + high.length;
    } else {
      found |= low.code == character;
    }
  }
  if (i >= pattern.size()) return character == '[';
  *at = i;
  return found != negated;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (true) {
    text.remove_prefix(AsciiPrefix(text));
    if (text.empty()) return true;
    size_t bad = 0;
    const size_t length = SequenceLength(text, &bad);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

void AppendUtf8(uint32_t code_point, std::string& text) {
  const auto tail = [&](int shift) {
    return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += {static_cast<char>(0xc0 | (code_point >> 6)), tail(0)};
  } else if (code_point < 0x10000) {
    text += {static_cast<char>(0xe0 | (code_point >> 12)), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xf0 | (code_point >> 18)), tail(12), tail(6), tail(0)};
  }
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  // Nearly all text is valid.
  if (IsValidUtf8(text)) return std::string(text);
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    size_t bad = 0;
    const size_t length = SequenceLength(text, &bad);
    if (length == 0) {
      valid += "\xef\xbf\xbd";
      text.remove_prefix(bad);
    } else {
      valid.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return valid;
}

std::string_view Utf8Prefix(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  constexpr size_t kMaxSequenceBytes = 4;
  for (size_t back = 1; back < kMaxSequenceBytes && back <= max_bytes; ++back) {
    const size_t start = max_bytes - back;
    size_t bad = 0;
    if (SequenceLength(text.substr(start), &bad) > back) return text.substr(0, start);
  }
  return text.substr(0, max_bytes);
}

bool HasControlCharacter(std::string_view text) {
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (ControlAt(text.substr(i), &length) != 0) return true;
  }
  return false;
}

std::string Printable(std::string_view text) {
  std::string valid = ReplaceInvalidUtf8(text);
  if (!HasControlCharacter(valid)) return valid;
  std::string line;
  for (size_t i = 0; i < valid.size();) {
    size_t length = 0;
    const char32_t control = ControlAt(std::string_view(valid).substr(i), &length);
    if (control == 0) {
      line += valid[i++];
      continue;
    }
    if (control == '\n') {
      line += "\\n";
    } else if (control == '\t') {
      line += "\\t";
    } else if (control == kNul) {
      line += "\\x00";
    } else if (control <= 0xff) {
      line += fmt::format("\\x{:02x}", static_cast<uint32_t>(control));
    } else {
      line += fmt::format("\\u{:04x}", static_cast<uint32_t>(control));
    }
    i += length;
  }
  return line;
}

bool GlobMatch(std::string_view pattern, std::string_view text) {
  // The usual two-pointer walk: on a mismatch, the last star takes one character more. It takes at
  // most pattern x text steps for any pattern.
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  // A '[' after this one has no closing bracket. Looked up once, because a search at every '['
  // would make the walk cubic.
  const size_t last_bracket = pattern.rfind(']');
  while (t < text.size()) {
    bool matches = false;
    size_t after = p;
    // Literal text is compared byte by byte, which has the same result.
    size_t length = 1;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      if (pattern[p] == '?') {
        matches = true;
        length = CharacterAt(text, t).length;
      } else if (pattern[p] == '[' && last_bracket != std::string_view::npos && p < last_bracket) {
        const Character character = CharacterAt(text, t);
        matches = MatchSet(pattern, &after, character.code);
        length = character.length;
      } else {
        matches = pattern[p] == text[t];
      }
    }
    if (matches) {
      p = after + 1;
      t += length;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      star_text += CharacterAt(text, star_text).length;
      t = star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace stored
