#include "reports/collect/warning_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/text.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::SizeIs;

WarningList ListOf(size_t count) {
  WarningList list;
  for (size_t i = 0; i < count; ++i) list.Add(fmt::format("w{}", i));
  return list;
}

TEST(WarningList, Add_UpToTheBound_AllKept) {
  EXPECT_THAT(ListOf(2).all(), ElementsAre("w0", "w1"));
  EXPECT_THAT(ListOf(kMaxWarnings).all(), SizeIs(kMaxWarnings));
  EXPECT_EQ(ListOf(kMaxWarnings).all().back(), "w99");
}

TEST(WarningList, Add_OverTheBound_LastCountsTheRest) {
  const WarningList list = ListOf(kMaxWarnings + 1);
  EXPECT_THAT(list.all(), SizeIs(kMaxWarnings));
  EXPECT_EQ(list.all()[98], "w98");
  EXPECT_EQ(list.all().back(), "2 more warnings");
  EXPECT_EQ(ListOf(1000).all().back(), "901 more warnings");
}

TEST(WarningList, AddFirst_FullList_InFrontAndCounted) {
  for (const size_t count : {kMaxWarnings, kMaxWarnings + 20}) {
    WarningList list = ListOf(count);
    list.AddFirst("first");
    EXPECT_THAT(list.all(), SizeIs(kMaxWarnings));
    EXPECT_EQ(list.all().front(), "first");
    EXPECT_EQ(list.all()[98], "w97");
    EXPECT_EQ(list.all().back(), fmt::format("{} more warnings", count + 1 - 99));
  }
}

TEST(WarningList, Add_LongText_CutBetweenCharacters) {
  WarningList list;
  std::string text = "x";
  for (int i = 0; i < 1000; ++i) text += "\u00e4";
  list.Add(text);
  list.Add(std::string(kMaxWarningBytes, 'y'));
  EXPECT_LE(list.all()[0].size(), kMaxWarningBytes);
  EXPECT_GT(list.all()[0].size(), kMaxWarningBytes - 6);
  EXPECT_THAT(list.all()[0], EndsWith("\u00e4..."));
  EXPECT_TRUE(IsValidUtf8(list.all()[0]));
  EXPECT_EQ(list.all()[1], std::string(kMaxWarningBytes, 'y'));
}

}  // namespace
}  // namespace stored::reports
