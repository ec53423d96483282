#include "client/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stored::client {
namespace {

using ::testing::HasSubstr;

TEST(EndpointTest, Parse_KnownForms) {
  const auto target = [](std::string_view address) { return Endpoint::Parse(address)->target(); };
  EXPECT_EQ(target("127.0.0.1:50051"), "dns:///127.0.0.1:50051");
  EXPECT_EQ(target("results.example.org"), "dns:///results.example.org:50051");
  EXPECT_EQ(target("[::1]:80"), "dns:///[::1]:80");
  EXPECT_EQ(target("[::1]"), "dns:///[::1]:50051");
  EXPECT_EQ(target("unix:/run/stored.sock"), "unix:/run/stored.sock");
}

TEST(EndpointTest, Parse_KeepsTheAddressAsGiven) {
  EXPECT_EQ(Endpoint::Parse("results.example.org")->address(), "results.example.org");
}

TEST(EndpointTest, Parse_Malformed_SaysWhatIsWrong) {
  const auto error = [](std::string_view address) {
    return std::string(Endpoint::Parse(address).status().message());
  };
  EXPECT_THAT(error(""), HasSubstr("empty"));
  EXPECT_THAT(error("unix:"), HasSubstr("path is missing"));
  EXPECT_THAT(error(":50051"), HasSubstr("host is missing"));
  EXPECT_THAT(error("host:"), HasSubstr("port"));
  EXPECT_THAT(error("host:99999"), HasSubstr("port"));
  EXPECT_THAT(error("::1"), HasSubstr("host is missing"));
  EXPECT_THAT(error("[::1"), HasSubstr("']'"));
  EXPECT_THAT(error("a b:1"), HasSubstr("space"));
}

}  // namespace
}  // namespace stored::client
