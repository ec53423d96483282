#include "tools/options/snapshot_name.h"

#include <gtest/gtest.h>

namespace stored::tools {
namespace {

// Returns "run|tag|time", or "error: " and the message.
std::string Parsed(std::string_view text) {
  const absl::StatusOr<SnapshotName> name = ParseSnapshotName(text);
  if (!name.ok()) return "error: " + std::string(name.status().message());
  std::string time;
  if (name->time) time = absl::FormatTime("%Y-%m-%d %H:%M", *name->time, absl::UTCTimeZone());
  return name->run + "|" + name->tag + "|" + time;
}

TEST(SnapshotNameTest, Run_ItsTag_ItsTime) {
  EXPECT_EQ(Parsed("app"), "app||");
  EXPECT_EQ(Parsed("app:v1.2"), "app|v1.2|");
  EXPECT_EQ(Parsed("app@2026-01-31"), "app||2026-01-31 23:59");
  EXPECT_EQ(Parsed("app@2026-01-31T14:03+01:00"), "app||2026-01-31 13:03");
}

TEST(SnapshotNameTest, FirstSeparatorCounts) {
  EXPECT_EQ(Parsed("app:a:b@c"), "app|a:b@c|");
  EXPECT_EQ(Parsed("app:\\x"), "app|\\x|");
}

TEST(SnapshotNameTest, EscapedSeparators_AreOfTheRun) {
  EXPECT_EQ(Parsed("a\\:b"), "a:b||");
  EXPECT_EQ(Parsed("a\\@b:c"), "a@b|c|");
  EXPECT_EQ(Parsed("a\\\\:b"), "a\\|b|");
  EXPECT_EQ(Parsed("a\\"), "a\\||");
}

TEST(SnapshotNameTest, MalformedNames_SayWhatIsMissing) {
  EXPECT_EQ(Parsed(":tag"), "error: ':tag' has no name of a run; write RUN, RUN:TAG or RUN@TIME");
  EXPECT_EQ(Parsed("app:"),
            "error: 'app:' has no tag after the ':'; write \\: for one in the name of the run");
  EXPECT_EQ(Parsed("app@"),
            "error: 'app@' has no time after the '@'; write \\@ for one in the name of the run");
  EXPECT_EQ(Parsed("a:\xff").find("error: "), 0U);
  EXPECT_EQ(Parsed("me@host"),
            "error: 'host' is not a time: write 2026-01-31, whose end is meant, or "
            "2026-01-31T14:03, in UTC; write \\@ for a '@' in the name of the run");
}

}  // namespace
}  // namespace stored::tools
