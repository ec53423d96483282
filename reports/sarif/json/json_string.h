#pragma once

#include <optional>
#include <string>
#include <string_view>

// Turns the strings of a JSON text into the bytes that the tool meant.
namespace stored::reports::sarif {

// Replaces each byte 0x80 to 0xff that is not part of well-formed UTF-8 by a code point of U+10FF80
// to U+10FFFF, so that a parser that requires UTF-8 accepts the text.
std::string ReplaceIllFormedBytes(std::string_view text);
// Reverts ReplaceIllFormedBytes.
void RestoreBytes(std::string& text);

// Replaces the escapes of a JSON string (RFC 8259 section 7). `raw` is the text between the quotes.
// A surrogate without its other half becomes a byte if it is U+DC80 to U+DCFF (Python writes bytes
// that are not UTF-8 so), else U+FFFD. Returns nothing if a backslash does not begin an escape, as
// in a Windows path that was not escaped.
std::optional<std::string> Unescape(std::string_view raw);

}  // namespace stored::reports::sarif
