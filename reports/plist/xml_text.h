#pragma once

#include <string>
#include <string_view>

namespace stored::reports {

// What the text between two tags means: entities and character references replaced, line ends as
// \n, CDATA sections as what they hold, comments and instructions left out. A reference that means
// nothing stays as it is.
void DecodeXmlText(std::string_view raw, std::string& text);
// Whether DecodeXmlText would answer the same, where there is no '<' in it.
bool IsPlainXmlText(std::string_view raw);

}  // namespace stored::reports
