#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stored {

struct SplitText {
  std::string text;
  // The part of `text` before the character that the limit splits.
  std::string kept;
};

// Returns texts for tests of code that cuts texts at `limit` bytes. In each the limit is within a
// character, which has two, three or four bytes. REQUIRES: limit >= 3.
inline std::vector<SplitText> TextsSplitAt(size_t limit) {
  std::vector<SplitText> texts;
  for (const std::string_view character : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    for (size_t before = 1; before < character.size(); ++before) {
      const std::string kept(limit - before, 'a');
      texts.push_back({kept + std::string(character) + "b", kept});
    }
  }
  return texts;
}

}  // namespace stored
