#include "storage/policy/severity_resolver.h"

#include <gtest/gtest.h>

namespace stored::storage {
namespace {

using reports::Severity;

Severity Resolved(std::string_view checker, Severity severity, bool is_default = false) {
  return TableSeverities().Resolve("clangsa", checker, {severity, is_default});
}

TEST(TableSeveritiesTest, Resolve_Stated_ComesFirst) {
  EXPECT_EQ(Resolved("core.DivideZero", Severity::kLow), Severity::kLow);
  EXPECT_EQ(Resolved("no.such.checker", Severity::kStyle), Severity::kStyle);
}

TEST(TableSeveritiesTest, Resolve_NothingStated_Table) {
  EXPECT_EQ(Resolved("core.DivideZero", Severity::kUnspecified), Severity::kHigh);
  EXPECT_EQ(Resolved("core.DivideZero.Option", Severity::kUnspecified), Severity::kHigh);
  EXPECT_EQ(Resolved("no.such.checker", Severity::kUnspecified), Severity::kUnspecified);
}

TEST(TableSeveritiesTest, Resolve_OnlyTheDefault_AfterTheTable) {
  EXPECT_EQ(Resolved("core.DivideZero", Severity::kMedium, true), Severity::kHigh);
  EXPECT_EQ(Resolved("no.such.checker", Severity::kMedium, true), Severity::kMedium);
  // The table lists this checker without a severity.
  EXPECT_EQ(Resolved("debug.DumpCFG", Severity::kMedium, true), Severity::kMedium);
}

}  // namespace
}  // namespace stored::storage
