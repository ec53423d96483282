#pragma once

#include <string>
#include <string_view>

namespace stored::reports {

// Decodes the text between two tags: replaces entities and character references, converts line ends
// to \n, replaces CDATA sections by their content, and drops comments and instructions. An
// undefined reference is kept unchanged.
void DecodeXmlText(std::string_view raw, std::string& text);
// Returns true if DecodeXmlText would return `raw` unchanged. REQUIRES: `raw` has no '<'.
bool IsPlainXmlText(std::string_view raw);

}  // namespace stored::reports
