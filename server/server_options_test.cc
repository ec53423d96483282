#include "server/server_options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "base/files/file.h"

namespace stored::server {
namespace {

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "stored");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ServerOptionsTest, DataAlone_IsEnough) {
  const CommandLine line = Parse({"--data", "dir"});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.data_directory, "dir");
  EXPECT_EQ(line.options.listen, std::vector<std::string>{"127.0.0.1:50051"});
}

TEST(ServerOptionsTest, EveryOption_ArrivesWhereItBelongs) {
  const CommandLine line = Parse({"--data",
                                  "d",
                                  "--listen",
                                  "[::1]:0",
                                  "--listen",
                                  "unix:/run/s",
                                  "--workers",
                                  "7",
                                  "--max-upload-size",
                                  "3mb",
                                  "--max-queue",
                                  "5",
                                  "--max-uploads",
                                  "6",
                                  "--quiet-upload-timeout",
                                  "5s",
                                  "--max-unpacked-size",
                                  "1gb",
                                  "--max-unpack-ratio",
                                  "9",
                                  "--max-result-file-size",
                                  "2mb",
                                  "--max-source-size",
                                  "64kb",
                                  "--max-reports",
                                  "11",
                                  "--gc-interval",
                                  "2h",
                                  "--keep-consumed",
                                  "3d",
                                  "--keep-unconsumed",
                                  "4d12h",
                                  "--keep-unreferenced",
                                  "0",
                                  "--upload-expiry",
                                  "90m",
                                  "--drain-timeout",
                                  "0s",
                                  "--log-level",
                                  "warn"});
  ASSERT_FALSE(line.exit) << line.message;
  const ServerOptions& options = line.options;
  EXPECT_EQ(options.listen, (std::vector<std::string>{"[::1]:0", "unix:/run/s"}));
  EXPECT_EQ(options.workers, 7);
  EXPECT_EQ(options.upload_limits.max_upload_bytes, 3 << 20);
  EXPECT_EQ(options.upload_limits.max_enqueued, 5);
  EXPECT_EQ(options.upload_limits.max_uploads, 6);
  EXPECT_EQ(options.upload_limits.quiet_upload_timeout, absl::Seconds(5));
  EXPECT_EQ(options.limits.max_unpacked_bytes, 1u << 30);
  EXPECT_EQ(options.limits.max_unpack_ratio, 9u);
  EXPECT_EQ(options.limits.max_result_file_bytes, 2u << 20);
  EXPECT_EQ(options.limits.max_source_bytes, 64u << 10);
  EXPECT_EQ(options.limits.max_reports, 11u);
  EXPECT_EQ(options.garbage.interval, absl::Hours(2));
  EXPECT_EQ(options.garbage.keep_consumed, absl::Hours(72));
  EXPECT_EQ(options.garbage.keep_unconsumed, absl::Hours(108));
  EXPECT_EQ(options.garbage.keep_unreferenced, absl::ZeroDuration());
  EXPECT_EQ(options.garbage.upload_expiry, absl::Minutes(90));
  EXPECT_EQ(options.drain_timeout, absl::ZeroDuration());
  EXPECT_EQ(options.log_level, "warn");
}

TEST(ServerOptionsTest, ConfigFile_GivesOptions_TheCommandLineWins) {
  absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "options-test-");
  ASSERT_TRUE(directory.ok());
  const std::string path = directory->path() + "/stored.toml";
  std::ofstream(path) << "data = \"/srv/stored\"\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n"
                         "workers = 3\nmax-upload-size = \"1gb\"\n";
  const CommandLine line = Parse({"--config", path.c_str(), "--workers", "4"});
  ASSERT_FALSE(line.exit) << line.message;
  EXPECT_EQ(line.options.data_directory, "/srv/stored");
  EXPECT_EQ(line.options.listen.size(), 2u);
  EXPECT_EQ(line.options.workers, 4);
  EXPECT_EQ(line.options.upload_limits.max_upload_bytes, 1 << 30);

  std::ofstream(path) << "data = \"d\"\nno-such-option = 1\n";
  EXPECT_EQ(Parse({"--config", path.c_str()}).code, 2);
  for (const char* bad :
       {"data = d1\"\n", "data = [\n", "[table]\ndata = \"d\"\n", "data = [[\"d\"]]\n"}) {
    std::ofstream(path) << bad;
    const CommandLine refused = Parse({"--config", path.c_str()});
    EXPECT_EQ(refused.code, 2) << bad;
    EXPECT_NE(refused.message.find("config file"), std::string::npos) << refused.message;
  }
  std::ofstream(path) << "data = \"d\\u00e9\"\nlisten = [\n  \"127.0.0.1:1\",\n]\n";
  EXPECT_EQ(Parse({"--config", path.c_str()}).options.data_directory, "d\xc3\xa9");
  EXPECT_EQ(Parse({"--config", "/not/there.toml", "--data", "d"}).code, 2);
}

TEST(ServerOptionsTest, WrongUse_IsOneLineAndCode2) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"--data", ""},
      {"--data", "d", "--listen", "nonsense"},
      {"--data", "d", "--listen", "unix:"},
      {"--data", "d", "--listen", "host:99999"},
      {"--data", "d", "--workers", "0"},
      {"--data", "d", "--workers", "many"},
      {"--data", "d", "--drain-timeout", "soon"},
      {"--data", "d", "--gc-interval", "0"},
      {"--data", "d", "--keep-consumed", "-1h"},
      {"--data", "d", "--max-upload-size", "-1"},
      {"--data", "d", "--log-level", "loud"},
      {"--data", "d", "--bogus"},
      {"--data", "d", "extra"},
  };
  for (const std::vector<const char*>& arguments : wrong) {
    const CommandLine line = Parse(arguments);
    EXPECT_TRUE(line.exit);
    EXPECT_EQ(line.code, 2) << line.message;
    EXPECT_TRUE(line.message.starts_with("stored: ")) << line.message;
    EXPECT_EQ(std::count(line.message.begin(), line.message.end(), '\n'), 1) << line.message;
  }
}

TEST(ServerOptionsTest, Check_TakesTheDirectoryAlone) {
  EXPECT_FALSE(Parse({"--data", "d"}).check);
  EXPECT_FALSE(Parse({"--data", "check"}).check);
  for (const CommandLine& line :
       {Parse({"check", "--data", "d"}), Parse({"--data", "d", "check"})}) {
    ASSERT_FALSE(line.exit) << line.message;
    EXPECT_TRUE(line.check);
    EXPECT_EQ(line.options.data_directory, "d");
  }
  EXPECT_EQ(Parse({"check"}).code, 2);
  EXPECT_EQ(Parse({"check", "--data", ""}).code, 2);
  EXPECT_EQ(Parse({"check", "--data", "d", "more"}).code, 2);
  const CommandLine wrong = Parse({"check", "--data", "d", "--workers", "3"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.message.find("--workers"), std::string::npos) << wrong.message;
  // The server's own config file may be given unchanged.
  absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "options-test-");
  ASSERT_TRUE(directory.ok());
  const std::string path = directory->path() + "/stored.toml";
  std::ofstream(path) << "data = \"/srv/stored\"\nworkers = 3\n";
  const CommandLine configured = Parse({"check", "--config", path.c_str()});
  EXPECT_TRUE(configured.check) << configured.message;
  EXPECT_EQ(configured.options.data_directory, "/srv/stored");
}

TEST(ServerOptionsTest, VersionAndHelp_Exit0) {
  EXPECT_TRUE(Parse({"--version"}).message.starts_with("stored "));
  EXPECT_EQ(Parse({"--version"}).code, 0);
  EXPECT_NE(Parse({"--help"}).message.find("--drain-timeout"), std::string::npos);
}

}  // namespace
}  // namespace stored::server
