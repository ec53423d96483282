#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Says where a JSON text is malformed, for a person who has to mend it. Parsers that are built for
// speed say little more than that something is wrong.
namespace stored {

// A place in a text: both count from 1, columns in code points.
struct TextPlace {
  uint64_t line = 1;
  uint64_t column = 1;

  friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

// Returns the place of the byte at `offset` of `text`; of its end for a larger offset.
TextPlace PlaceIn(std::string_view text, size_t offset);

// "line 4, column 7".
std::string ToString(const TextPlace& place);

struct JsonFault {
  // Byte of the text, and the same as a place.
  size_t offset = 0;
  TextPlace place;
  // "expected ',' or '}', not 'x'".
  std::string what;
};

// "line 4, column 7: expected ',' or '}', not 'x'".
std::string ToString(const JsonFault& fault);

// Returns the first fault of `text` (RFC 8259), or nothing where it has none. Nesting of more than
// `max_depth` arrays and objects is a fault; bytes that are not UTF-8 are none. Reads the whole
// text byte by byte: for the path on which a parser has failed.
std::optional<JsonFault> FindJsonFault(std::string_view text, uint32_t max_depth);

// Returns the fault of the escape whose backslash is at `at` in `text`, or nothing: a backslash
// that no escape follows, or "\u" without four hexadecimal digits.
std::optional<std::string> FaultOfEscape(std::string_view text, size_t at);

}  // namespace stored
