#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Says where a JSON text is malformed, for the person who has to fix it. Parsers that are built for
// speed say little more than that something is wrong.
namespace stored {

// A place in a text. Line and column count from 1; columns count code points.
struct TextPlace {
  uint64_t line = 1;
  uint64_t column = 1;

  friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

// Returns the place of the byte at `offset` of `text`, or the end of `text` for a larger offset.
TextPlace PlaceIn(std::string_view text, size_t offset);

// Returns text such as "line 4, column 7".
std::string ToString(const TextPlace& place);

struct JsonFault {
  // The byte in the text, and the same as a place.
  size_t offset = 0;
  TextPlace place;
  // For example "expected ',' or '}', not 'x'".
  std::string what;
};

// Returns text such as "line 4, column 7: expected ',' or '}', not 'x'".
std::string ToString(const JsonFault& fault);

// Returns the first fault of `text` (RFC 8259), or nothing if it has none. Nesting of more than
// `max_depth` arrays and objects is a fault; bytes that are not UTF-8 are not. Reads the whole text
// byte by byte, so it is meant for texts that a parser has refused.
std::optional<JsonFault> FindJsonFault(std::string_view text, uint32_t max_depth);

// Returns the fault of the escape whose backslash is at `at` in `text`: a backslash that no escape
// follows, or "\u" without four hexadecimal digits. Returns nothing if the escape is well-formed.
std::optional<std::string> FaultOfEscape(std::string_view text, size_t at);

}  // namespace stored
