#include "storage/policy/retention.h"

#include <gtest/gtest.h>

#include "storage/testing/test_times.h"

namespace stored::storage {
namespace {

TEST(RetentionTest, ProductWithoutRetentions_KeepsReportsAndHistoryForEver) {
  const GcBounds bounds = BoundsFor({At(0)}, ProductSettings(), absl::InfiniteFuture());
  EXPECT_EQ(bounds.now, At(0));
  EXPECT_EQ(bounds.closed_by, absl::InfinitePast());
  EXPECT_EQ(bounds.stored_by, absl::InfinitePast());
}

TEST(RetentionTest, ProductWithRetentions_CountsThemBackFromNow) {
  ProductSettings settings;
  settings.resolved_report_retention = absl::Seconds(100);
  settings.history_retention = absl::Seconds(300);
  const GcBounds bounds = BoundsFor({At(1000)}, settings, absl::InfiniteFuture());
  EXPECT_EQ(bounds.closed_by, At(900));
  EXPECT_EQ(bounds.stored_by, At(700));
}

TEST(RetentionTest, MarkedContents_WaitForTheOldestUnfinishedStore) {
  GarbageRules rules = {At(1000)};
  rules.keep_unreferenced = absl::Seconds(10);
  EXPECT_EQ(BoundsFor(rules, {}, absl::InfiniteFuture()).marked_before, At(990));
  EXPECT_EQ(BoundsFor(rules, {}, At(500)).marked_before, At(490));
  // The clock was ahead when the store was accepted.
  EXPECT_EQ(BoundsFor(rules, {}, At(2000)).marked_before, At(990));
}

TEST(RetentionTest, Sessions_ByWhetherAClientHasSeenTheirEnd) {
  GarbageRules rules = {At(1000)};
  rules.keep_consumed = absl::Seconds(10);
  rules.keep_unconsumed = absl::Seconds(100);
  EXPECT_EQ(SessionBoundsFor(rules).consumed_by, At(990));
  EXPECT_EQ(SessionBoundsFor(rules).unconsumed_by, At(900));
}

}  // namespace
}  // namespace stored::storage
