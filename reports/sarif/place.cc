#include "reports/sarif/place.h"

#include <fmt/format.h>

#include "base/text.h"

namespace stored::reports::sarif {

std::string Place::ToString() const {
  constexpr size_t kMaxKeyBytes = 60;
  std::string text;
  for (const Step& step : steps_) {
    if (step.index != Step::kNoIndex) {
      text += fmt::format("[{}]", step.index);
    } else if (!step.key.empty()) {
      if (!text.empty()) text += '.';
      text += Printable(step.key.substr(0, kMaxKeyBytes));
    }
  }
  return text;
}

}  // namespace stored::reports::sarif
