#include "base/sha256.h"

#include <gtest/gtest.h>

namespace stored {
namespace {

// The example of FIPS 180-4, and the digest of the empty string.
TEST(Sha256Test, MatchesThePublishedVectors) {
  EXPECT_EQ(Sha256::Of("abc").Hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256::Of("").Hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Test, Pieces_SameDigestAsTheWhole_HasherIsReusable) {
  Sha256 hasher;
  for (int round = 0; round < 2; ++round) {
    hasher.Update("a");
    hasher.Update("bc");
    EXPECT_EQ(hasher.Finish(), Sha256::Of("abc"));
  }
}

TEST(Sha256Test, HexAndRaw_RoundTrip_MalformedIsRefused) {
  const Sha256Digest digest = Sha256::Of("abc");
  EXPECT_EQ(Sha256Digest::FromHex(digest.Hex()), digest);
  EXPECT_EQ(Sha256Digest::FromRaw(digest.Raw()), digest);
  EXPECT_EQ(Sha256Digest::FromHex("abc"), std::nullopt);
  EXPECT_EQ(Sha256Digest::FromHex(std::string(64, 'g')), std::nullopt);
  EXPECT_EQ(Sha256Digest::FromRaw("short"), std::nullopt);
}

}  // namespace
}  // namespace stored
