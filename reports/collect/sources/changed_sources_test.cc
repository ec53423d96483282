#include "reports/collect/sources/changed_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::reports {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int64_t kSecond = 1'000'000'000;

TEST(ChangedSourcesTest, None_NoWarning) { EXPECT_EQ(ChangedSources().Warning(), ""); }

TEST(ChangedSourcesTest, Few_AllAreNamed) {
  ChangedSources changed;
  changed.Add("/x/a.c", "r/1.plist");
  EXPECT_THAT(changed.Warning(), StartsWith("1 source file changed"));
  changed.Add("/x/b.c", "r/2.plist");
  EXPECT_THAT(changed.Warning(), StartsWith("2 source files changed"));
  EXPECT_THAT(changed.Warning(), EndsWith(": /x/a.c (r/1.plist), /x/b.c (r/2.plist)"));
}

TEST(ChangedSourcesTest, Many_TheFirstAndHowMany) {
  ChangedSources changed;
  for (int i = 0; i < 1000; ++i) changed.Add("/x/" + std::to_string(i), "r.plist");
  EXPECT_THAT(changed.Warning(), StartsWith("1000 source files"));
  EXPECT_THAT(changed.Warning(), EndsWith("/x/2 (r.plist) and 997 more"));
  EXPECT_THAT(changed.Warning(), Not(HasSubstr("/x/3")));
  EXPECT_THAT(changed.Warning(), Not(HasSubstr("\n")));
}

TEST(ChangedSourcesTest, IsNewer_ByALittleOnDisk_ByMoreThanTwoSecondsInAnArchive) {
  EXPECT_TRUE(IsNewer(7 * kSecond + 1, 7 * kSecond, /*archived=*/false));
  EXPECT_FALSE(IsNewer(7 * kSecond, 7 * kSecond, /*archived=*/false));
  EXPECT_FALSE(IsNewer(6 * kSecond, 7 * kSecond, /*archived=*/false));
  EXPECT_FALSE(IsNewer(9 * kSecond, 7 * kSecond, /*archived=*/true));
  EXPECT_TRUE(IsNewer(9 * kSecond + 1, 7 * kSecond, /*archived=*/true));
}

TEST(ChangedSourcesTest, IsNewer_NeverWhereATimeIsNotKnown) {
  EXPECT_FALSE(IsNewer(0, kSecond, false));
  EXPECT_FALSE(IsNewer(kSecond, 0, false));
  EXPECT_FALSE(IsNewer(0, 0, false));
}

}  // namespace
}  // namespace stored::reports
