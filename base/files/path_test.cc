#include "base/files/path.h"

#include <gtest/gtest.h>

namespace stored {
namespace {

TEST(PathTest, IsWithin_TheDirectoryAndAllBelow) {
  EXPECT_TRUE(IsWithin("/src", "/src"));
  EXPECT_TRUE(IsWithin("/src/a/b.c", "/src"));
  EXPECT_TRUE(IsWithin("/src", "/"));
  EXPECT_TRUE(IsWithin("/", "/"));
  EXPECT_TRUE(IsWithin("src/a.c", "src"));
}

TEST(PathTest, IsWithin_NotASiblingOrAParent) {
  EXPECT_FALSE(IsWithin("/src2", "/src"));
  EXPECT_FALSE(IsWithin("/src2/a.c", "/src"));
  EXPECT_FALSE(IsWithin("/", "/src"));
  EXPECT_FALSE(IsWithin("", "/src"));
  EXPECT_FALSE(IsWithin("/home/src", "/src"));
}

}  // namespace
}  // namespace stored
