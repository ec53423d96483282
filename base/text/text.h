#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stored {

// Returns true if `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool IsValidUtf8(std::string_view text);

// Appends `code_point` in UTF-8. REQUIRES: code_point <= U+10FFFF.
void AppendUtf8(uint32_t code_point, std::string& text);

// Returns `text` with every maximal ill-formed part replaced by U+FFFD, as Unicode 15 section 3.9
// advises. For display only: stored texts keep their bytes.
std::string ReplaceInvalidUtf8(std::string_view text);

// Returns the first `max_bytes` bytes of `text`, or up to three bytes fewer, so that no well-formed
// UTF-8 sequence is cut in two. Returns all of a shorter text.
std::string_view Utf8Prefix(std::string_view text, size_t max_bytes);

// Returns true if `text` has a control character (C0, DEL, or in UTF-8 C1), a line or paragraph
// separator (U+2028, U+2029), or a character that changes the direction of the text after it
// (U+202A to U+202E, U+2066 to U+2069).
bool HasControlCharacter(std::string_view text);

// Returns `text` in a form that fits on one line of a terminal or a log: ill-formed UTF-8 is
// replaced, and the characters that HasControlCharacter looks for are written as \n, \t, \xNN or
// \uNNNN.
std::string Printable(std::string_view text);

// Returns true if a shell-style pattern matches the whole of `text`: `*` matches any run of
// characters (also '/'), `?` any one character, and `[...]` one of a set of characters and ranges
// such as a-z, or none of them if the set begins with `!` or `^`. A backslash has no special
// meaning. A character is a UTF-8 code point; a byte that is not part of a well-formed sequence
// counts as one character.
bool GlobMatch(std::string_view pattern, std::string_view text);

}  // namespace stored
