#include "reports/sarif/json/place.h"

#include <fmt/format.h>

#include <vector>

#include "base/text/text.h"

namespace stored::reports::sarif {

std::string Place::ToString() const {
  constexpr size_t kMaxKeyBytes = 60;
  std::vector<const Walk*> walks;
  for (const Walk* walk = innermost_; walk != nullptr; walk = walk->outer_) walks.push_back(walk);
  std::string text;
  for (size_t i = walks.size(); i-- > 0;) {
    const Walk& walk = *walks[i];
    if (walk.index_ != Walk::kNoIndex) {
      text += fmt::format("[{}]", walk.index_);
    } else if (!walk.key_.empty()) {
      if (!text.empty()) text += '.';
      text += Printable(Utf8Prefix(walk.key_, kMaxKeyBytes));
    }
  }
  return text;
}

}  // namespace stored::reports::sarif
