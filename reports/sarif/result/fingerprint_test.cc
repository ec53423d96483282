#include "reports/sarif/result/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stored::reports::sarif {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::string_view kHash = "0123456789abcdef0123456789abcdef";

std::vector<std::string> Names(const std::vector<Fingerprint>& fingerprints) {
  std::vector<std::string> names;
  names.reserve(fingerprints.size());
  for (const Fingerprint& fingerprint : fingerprints) names.push_back(fingerprint.name);
  return names;
}

TEST(SarifFingerprint, LatestVersions_ComparedAsNumbers) {
  EXPECT_THAT(Names(LatestVersions({{"x/v9", "a"}, {"x/v10", "b"}, {"x/v1", "c"}, {"a", "d"}})),
              ElementsAre("a", "x/v10"));
}

TEST(SarifFingerprint, LatestVersions_NamesThatOnlyLookVersioned) {
  EXPECT_THAT(Names(LatestVersions({{"x/vx", ""}, {"x/v", ""}, {"x/2", ""}, {"x", ""}})),
              ElementsAre("x", "x/2", "x/v", "x/vx"));
  // A name with a version is newer than one without.
  EXPECT_THAT(Names(LatestVersions({{"x", ""}, {"x/v1", ""}})), ElementsAre("x/v1"));
}

TEST(SarifFingerprint, Hash_OnlyValueThatLooksLikeAReportHash_IsUsed) {
  EXPECT_EQ(HashOfFingerprints({{"any", std::string(kHash)}}, "c"), kHash);
  EXPECT_EQ(HashOfFingerprints({{"any/v1", "old"}, {"any/v2", std::string(kHash)}}, "c"), kHash);
}

TEST(SarifFingerprint, Hash_AnalyzersOwn_IsUsedAmongOthers) {
  for (const std::string name : {"issueHash/v1", "reportHash/v1", "clang/issueHash/v1"}) {
    EXPECT_EQ(HashOfFingerprints({{"a", "b"}, {name, std::string(kHash)}}, "c"), kHash) << name;
  }
}

TEST(SarifFingerprint, Hash_AnythingElse_IsDigested) {
  const std::string other(32, 'F');
  EXPECT_NE(HashOfFingerprints({{"any", other}}, "c"), other);
  EXPECT_THAT(HashOfFingerprints({{"any", other}}, "c"), SizeIs(32));
  EXPECT_NE(HashOfFingerprints({{"issueHash/v1", "short"}}, "c"), "short");
  EXPECT_NE(HashOfFingerprints({{"a", std::string(kHash)}, {"b", "c"}}, "c"), kHash);
}

TEST(SarifFingerprint, Hash_DependsOnCheckerNamesAndValuesNotOnOrder) {
  const std::string hash = HashOfFingerprints({{"a", "1"}, {"b", "2"}}, "c");
  EXPECT_EQ(HashOfFingerprints({{"b", "2"}, {"a", "1"}}, "c"), hash);
  EXPECT_NE(HashOfFingerprints({{"a", "1"}, {"b", "2"}}, "d"), hash);
  EXPECT_NE(HashOfFingerprints({{"a", "1"}, {"c", "2"}}, "c"), hash);
  EXPECT_NE(HashOfFingerprints({{"a", "1"}, {"b", "3"}}, "c"), hash);
  // An older version beside the latest does not matter.
  EXPECT_EQ(HashOfFingerprints({{"a/v2", "1"}, {"b", "2"}, {"a/v1", "0"}}, "c"),
            HashOfFingerprints({{"a/v2", "1"}, {"b", "2"}}, "c"));
}

TEST(SarifFingerprint, LatestVersions_EmptyVersion_YieldsToAnOlder) {
  EXPECT_THAT(Names(LatestVersions({{"x/v1", "a"}, {"x/v2", "0"}, {"x/v3", ""}})),
              ElementsAre("x/v1"));
  EXPECT_EQ(HashOfFingerprints({{"x/v1", std::string(kHash)}, {"x/v2", "0"}}, "c"), kHash);
}

TEST(SarifFingerprint, Join_SortedLines) {
  EXPECT_EQ(JoinFingerprints({{"b", "2"}, {"a", "1"}}), "a=1\nb=2");
  EXPECT_EQ(JoinFingerprints({}), "");
}

}  // namespace
}  // namespace stored::reports::sarif
