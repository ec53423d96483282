// Tests of options, --help and errors in the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

using CommandLineTest = StorectlTest;

// A script passes such values from a variable that is not set.
TEST_F(CommandLineTest, EmptyValues_AreWrongUse) {
  Write("metadata.json", R"({"tools": [{"name": "t", "run_name": "from-metadata"}]})");
  const std::string log = Path("results.sarif");
  for (const std::string option : {"--name", "--product", "--server", "--expire-after", "--timeout",
                                   "--upload-id", "--trim-path-prefix"}) {
    EXPECT_EQ(Run({"upload", log, option, ""}), 2) << option;
    EXPECT_THAT(err_, HasSubstr(option + " is empty: give it a value or leave it out"));
    EXPECT_THAT(err_, EndsWith("\n"));
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    // The next argument is not taken for the value.
    EXPECT_EQ(Run({"upload", log, option + "=", "--force"}), 2) << option;
    EXPECT_THAT(err_, HasSubstr(option + " is empty"));
  }
  EXPECT_EQ(Run({"upload", log, "--name", "--force"}), 2);
  EXPECT_THAT(err_, HasSubstr("--name has no value: --force is an option"));
  EXPECT_EQ(Run({"upload", log, "--name", "n", "--tag", "--quiet"}), 2);
  EXPECT_THAT(err_, HasSubstr("--tag has no value: --quiet is an option"));
  EXPECT_EQ(Run({"upload", log, "--name", "  "}), 2);
  EXPECT_THAT(err_, HasSubstr("--name is blank"));
  EXPECT_EQ(Run({"upload", ""}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH is empty"));
  EXPECT_EQ(Run({"reports", "nightly", "--checker", ""}), 2);
  EXPECT_EQ(Run({"runs", "rm", ""}), 2);
  EXPECT_EQ(Run({"stores", "--run="}), 2);
  EXPECT_EQ(server_.upload_count(), 0u);
}

TEST_F(CommandLineTest, EmptyTagAndDescription_AreAllowed) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--tag", "",
                 "--description=", "--upload-id", "upload-1"}),
            0)
      << err_;
  EXPECT_EQ(server_.upload("upload-1").header.tag(), "");
  EXPECT_EQ(server_.upload("upload-1").header.description(), "");
}

TEST_F(CommandLineTest, WrongUse_EndsWithTwoAndOneLine) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"bogus"},
      {"wait"},
      {"wait", "t", "u"},
      {"wait", "t", "--timeout", "soon"},
      {"upload"},
      {"upload", ".", "--no-block", "--watch"},
      {"runs", "-o", "xml"},
      {"runs", "--server", "nowhere:port"},
      {"reports", "r", "--severity", "bad"},
      {"-q", "-v", "runs"},
      {"products", "rename"},
      {"products", "set", "p", "--max-runs", "9223372036854775808"},
      {"products", "set", "p", "--max-runs=-1"},
      {"products", "set", "p", "--max-bytes-per-store", "9999pb"},
  };
  for (const std::vector<std::string>& line : lines) {
    EXPECT_EQ(Run(line), 2);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, MatchesRegex("storectl: [^\n]+\n"));
  }
  EXPECT_EQ(Run({"bogus"}), 2);
  EXPECT_THAT(err_, HasSubstr("'bogus' is not a command; see storectl --help"));
  EXPECT_EQ(Run({"--bogus"}), 2);
  EXPECT_THAT(err_, HasSubstr("'--bogus' is not an option; see storectl --help"));
  EXPECT_EQ(Run({"products", "set", "p", "--max-runs=-1"}), 2);
  EXPECT_THAT(err_, HasSubstr("see storectl products set --help"));
}

TEST_F(CommandLineTest, Help_EveryCommand_ListsTheExitCodes) {
  for (const char* command :
       {"upload", "wait", "status", "stores", "cancel", "products", "runs", "reports", "gc"}) {
    EXPECT_EQ(Run({command, "--help"}), 0);
    EXPECT_THAT(out_, HasSubstr("4  the time given with --timeout ran out"));
  }
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("Exit codes:"));
}

}  // namespace
}  // namespace stored::tools
