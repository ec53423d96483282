#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stored {

// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool IsValidUtf8(std::string_view text);

// Appends the UTF-8 of `code_point`, which is at most U+10FFFF.
void AppendUtf8(uint32_t code_point, std::string& text);

// `text` with every maximal ill-formed part replaced by U+FFFD, as Unicode 15 section 3.9 advises.
// For showing; what is stored keeps its bytes.
std::string ReplaceInvalidUtf8(std::string_view text);

// Whether `text` has a control character (C0, DEL, or in UTF-8 C1), or one that breaks a line or
// turns the direction of what follows (U+2028, U+2029, U+202A to U+202E, U+2066 to U+2069).
bool HasControlCharacter(std::string_view text);

// `text` fit for one line of a terminal or a log: ill-formed UTF-8 replaced, what
// HasControlCharacter looks for written as \n, \t, \xNN or \uNNNN.
std::string Printable(std::string_view text);

// Matches a shell-style pattern with the whole of `text`: `*` is any run of characters (also '/'),
// `?` any one, `[...]` one of a set. A character is a code point of UTF-8; a byte that is not part
// of a well-formed sequence counts as one too.
bool GlobMatch(std::string_view pattern, std::string_view text);

}  // namespace stored
