#pragma once

#include <optional>
#include <string>
#include <string_view>

// Turns the strings of a JSON text into the bytes that the tool meant.
namespace stored::reports::sarif {

// Puts a code point of U+10FF80 to U+10FFFF in the place of each byte 0x80 to 0xff that is not part
// of well-formed UTF-8, so that a parser that insists on UTF-8 lets it through.
std::string ReplaceIllFormedBytes(std::string_view text);
// Undoes ReplaceIllFormedBytes.
void RestoreBytes(std::string& text);

// Replaces the escapes of a JSON string (RFC 8259 section 7). Of a surrogate without its other
// half, U+DC80 to U+DCFF becomes a byte (so Python writes a byte that is not UTF-8), any other one
// U+FFFD. `raw` is what stands between the quotes. Nothing when a backslash begins no escape, as
// those of a Windows path that was not escaped.
std::optional<std::string> Unescape(std::string_view raw);

}  // namespace stored::reports::sarif
