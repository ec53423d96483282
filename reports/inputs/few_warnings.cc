#include "reports/inputs/few_warnings.h"

#include <fmt/format.h>

#include <utility>

namespace stored::reports {

void FewWarnings::Add(std::string_view warning) {
  if (named_.size() < kNamed) {
    named_.push_back(fmt::format("{}: {}", name_, warning));
  } else {
    ++unnamed_;
  }
}

std::vector<std::string> FewWarnings::Take() {
  std::vector<std::string> warnings = std::move(named_);
  if (unnamed_ > 0) {
    warnings.push_back(fmt::format("{}: {} more warnings like these", name_, unnamed_));
  }
  named_.clear();
  unnamed_ = 0;
  return warnings;
}

}  // namespace stored::reports
