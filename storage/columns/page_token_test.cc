#include "storage/columns/page_token.h"

#include <gtest/gtest.h>

#include <string>

namespace stored::storage {
namespace {

TEST(PageTokenTest, OfAnotherList_Refused) {
  const std::string token = MakePageToken("list", "at 7");
  EXPECT_EQ(*ReadPageToken(token, "list"), "at 7");
  EXPECT_EQ(ReadPageToken(token, "other").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadPageToken(token.substr(0, 4), "list").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace stored::storage
