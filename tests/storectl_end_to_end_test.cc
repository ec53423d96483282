// storectl as users run it, against a real server.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "stored/v1/product_service.pb.h"
#include "tests/harness/served_test.h"

namespace stored::tests {
namespace {

class EndToEndTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer();
    WriteFile("a.c", "int main(void) { return 0; }\n");
  }
};

template <typename Message>
Message Parse(const std::string& json) {
  Message message;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(parsed.ok()) << json;
  return message;
}

TEST_F(EndToEndTest, Upload_PrintsOutcome_AndReportsAreThere) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c"), "dividing by zero"));
  const Ended upload = Storectl({"upload", Path("reports"), "--name", "run one", "--tag", "v1"});
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  EXPECT_NE(upload.out.find("1 new"), std::string::npos) << upload.out;
  const std::vector<v1::Report> reports = Reports("run one");
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].message(), "dividing by zero");
  EXPECT_EQ(reports[0].file_path(), Path("a.c"));
  EXPECT_EQ(reports[0].detection_status(), v1::DETECTION_STATUS_NEW);
  EXPECT_EQ(reports[0].review_status(), v1::REVIEW_STATUS_UNREVIEWED);
  EXPECT_EQ(reports[0].bug_path().events_size(), 1);
  const v1::ListRunsResponse runs =
      Parse<v1::ListRunsResponse>(Storectl({"runs", "-o", "json"}).out);
  ASSERT_EQ(runs.runs_size(), 1);
  EXPECT_EQ(runs.runs(0).name(), "run one");
  EXPECT_EQ(runs.runs(0).tag(), "v1");
  EXPECT_EQ(runs.runs(0).open_reports(), 1);
}

TEST_F(EndToEndTest, Json_IsOneDocumentWithZerosIncluded) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  const Ended upload = Storectl({"-o", "json", "upload", Path("reports"), "--name", "r"});
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  for (const char* field :
       {"\"newReports\":1", "\"unresolvedReports\":0", "\"reopenedReports\":0",
        "\"resolvedReports\":0", "\"state\":\"STORE_STATE_COMPLETED\"", "\"inProgress\":false"}) {
    std::string compact = upload.out;
    std::erase_if(compact, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_NE(compact.find(field), std::string::npos) << field << "\n" << upload.out;
  }
}

TEST_F(EndToEndTest, NoBlock_PrintsTheTokenAlone_AndWaitEndsWithTheOutcome) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  const Ended upload = Storectl({"upload", Path("reports"), "--name", "r", "--no-block"});
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  ASSERT_EQ(upload.out.size(), 33u) << upload.out;
  const std::string token = upload.out.substr(0, 32);
  for (const std::vector<std::string>& extra :
       {std::vector<std::string>{}, std::vector<std::string>{"--watch"}}) {
    std::vector<std::string> wait = {"-o", "json", "wait", token};
    wait.insert(wait.end(), extra.begin(), extra.end());
    const Ended waited = Storectl(wait);
    EXPECT_EQ(waited.exit_code, 0) << waited.err;
    EXPECT_EQ(Parse<v1::StoreStatus>(waited.out).state(), v1::STORE_STATE_COMPLETED);
  }
  const Ended status = Storectl({"-o", "json", "status", token});
  EXPECT_EQ(Parse<v1::StoreStatus>(status.out).result().new_reports(), 1);
  const v1::ListStoresResponse stores =
      Parse<v1::ListStoresResponse>(Storectl({"-o", "json", "stores", "--run", "r"}).out);
  ASSERT_EQ(stores.stores_size(), 1);
  EXPECT_EQ(stores.stores(0).token(), token);
}

TEST_F(EndToEndTest, Watch_EndsWithTheOutcome) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  EXPECT_EQ(Upload({Path("reports"), "--name", "r", "--watch"}).result().new_reports(), 1);
}

TEST_F(EndToEndTest, Severity_OfAPlistsChecker_CanBeFilteredFor) {
  const auto plist = [&](const std::string& checker, const std::string& hash) {
    return absl::StrReplaceAll(SmallPlist(Path("a.c"), "found by " + checker, hash),
                               {{"a.checker", checker}});
  };
  WriteFile("reports/a.plist", plist("core.DivideZero", std::string(32, 'a')));
  WriteFile("reports/b.plist", plist("clang-diagnostic-brand-new", std::string(32, 'b')));
  WriteFile("reports/c.plist", plist("house.rule", std::string(32, 'c')));
  Upload({Path("reports"), "--name", "r"});
  const auto found = [&](const std::string& severity) {
    std::string checkers;
    for (const v1::Report& report : Reports("r", {"--severity", severity})) {
      EXPECT_EQ(v1::Severity_Name(report.severity()),
                "SEVERITY_" + absl::AsciiStrToUpper(severity));
      checkers += report.checker_name() + " ";
    }
    return checkers;
  };
  EXPECT_EQ(found("high"), "core.DivideZero ");
  EXPECT_EQ(found("medium"), "clang-diagnostic-brand-new ");
  EXPECT_EQ(found("unspecified"), "house.rule ");
  const Ended table = Storectl({"reports", "r"});
  EXPECT_NE(table.out.find("high      core.DivideZero"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("-         house.rule"), std::string::npos) << table.out;
  const Ended none = Storectl({"reports", "r", "--severity", "critical"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_EQ(none.err, "no report of run r matches\n");
}

TEST_F(EndToEndTest, SarifFromStandardInput_IsStored) {
  const v1::StoreStatus status =
      Upload({"-", "--name", "sarif"}, SmallSarif("file://" + Path("a.c"), "from a log"));
  EXPECT_EQ(status.result().new_reports(), 1);
  const std::vector<v1::Report> reports = Reports("sarif");
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].checker_name(), "a-rule");
  EXPECT_EQ(reports[0].analyzer_name(), "a-tool");
  EXPECT_EQ(reports[0].severity(), v1::SEVERITY_MEDIUM);
  EXPECT_EQ(reports[0].report_hash().size(), 32u);
}

TEST_F(EndToEndTest, TrimPathPrefix_TakesTheLongest) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  Upload({Path("reports"), "--name", "r", "--trim-path-prefix", "/tmp", "--trim-path-prefix",
          directory_->path()});
  EXPECT_EQ(Reports("r").at(0).file_path(), "a.c");
}

TEST_F(EndToEndTest, RunName_ComesFromMetadataWhereItHasOne) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  EXPECT_EQ(Storectl({"upload", Path("reports")}).exit_code, 2);
  WriteFile("reports/metadata.json",
            R"({"version": 2, "tools": [{"name": "codechecker", "version": "6.29",
                "run_name": "from metadata", "analyzers": {}}]})");
  const v1::StoreStatus status = Upload({Path("reports")});
  EXPECT_EQ(status.run_name(), "from metadata");
}

TEST_F(EndToEndTest, Products_KeepResultsSeparate) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  EXPECT_EQ(Storectl({"products", "add", "second"}).exit_code, 0);
  Upload({Path("reports"), "--name", "r", "--product", "second"});
  const auto products = [this] {
    return Parse<v1::ListProductsResponse>(Storectl({"-o", "json", "products"}).out);
  };
  ASSERT_EQ(products().products_size(), 2);
  EXPECT_EQ(products().products(0).name(), "default");
  EXPECT_EQ(products().products(0).run_count(), 0);
  EXPECT_EQ(products().products(1).run_count(), 1);
  EXPECT_EQ(Storectl({"products", "rm", "second"}).exit_code, 0);
  EXPECT_EQ(products().products_size(), 1);
  EXPECT_EQ(Storectl({"products", "rm", "default"}).exit_code, 3);
}

TEST_F(EndToEndTest, Force_StartsTheRunAfresh) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  Upload({Path("reports"), "--name", "r"});
  const v1::StoreStatus forced = Upload({Path("reports"), "--name", "r", "--force"});
  EXPECT_EQ(forced.result().new_reports(), 1);
  EXPECT_EQ(forced.result().unresolved_reports(), 0);
}

TEST_F(EndToEndTest, MissingSource_IsStoredWithAWarning) {
  WriteFile("reports/a.plist", SmallPlist("/not/there/x.c"));
  const v1::StoreStatus status = Upload({Path("reports"), "--name", "r"});
  EXPECT_EQ(status.result().new_reports(), 1);
  const auto& warnings = status.result().warnings();
  EXPECT_TRUE(std::any_of(warnings.begin(), warnings.end(), [](const std::string& warning) {
    return warning.find("/not/there/x.c") != std::string::npos;
  })) << status.ShortDebugString();
}

// An archive from elsewhere may name files of this machine. They are not sent, until the option
// that the warning suggests is appended to the same command.
TEST_F(EndToEndTest, ForeignArchive_LocalFilesAreNotSentUntilTheirRootIsNamed) {
  WriteFile("not yours/key", "the private key");
  const std::string plist = WriteFile("a.plist", SmallPlist(Path("not yours/key")));
  constexpr char kPack[] = R"(
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as out:
    out.write(sys.argv[2], 'reports/a.plist')
)";
  ASSERT_EQ(RunProgram({"python3", "-c", kPack, Path("artifact.zip"), plist}).exit_code, 0);
  const Ended first = Storectl({"upload", Path("artifact.zip"), "--name", "r"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.out.find("1 new"), std::string::npos) << first.out;
  EXPECT_NE(first.err.find("the server has 0 of 0 sources"), std::string::npos) << first.err;
  const size_t option = first.err.find("--source-root ");
  ASSERT_NE(option, std::string::npos) << first.err;
  EXPECT_EQ(option, first.err.rfind("--source-root ")) << first.err;
  const std::string pasted = first.err.substr(option, first.err.find(": ", option) - option);

  const std::string again =
      "exec \"$0\" --server \"$1\" upload \"$2\" --name r --refuse-changed-sources " + pasted;
  for (const char* said : {"the server has 0 of 1 source", "the server has 1 of 1 source"}) {
    const Ended ended =
        RunProgram({"sh", "-c", again, BinaryPath("storectl"), address(), Path("artifact.zip")});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_NE(ended.out.find("1 unresolved"), std::string::npos) << ended.out;
    EXPECT_NE(ended.err.find(said), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("--source-root"), std::string::npos) << ended.err;
  }
}

TEST_F(EndToEndTest, ChangedSource_IsReported_AndRefusedOnRequest) {
  WriteFile("reports/a.plist", SmallPlist("a.c"));
  const std::string source = WriteFile("reports/a.c", "int main(void) { return 1; }\n");
  std::filesystem::last_write_time(
      source, std::filesystem::last_write_time(source) + std::chrono::seconds(1));
  const Ended refused =
      Storectl({"-q", "upload", Path("reports"), "--name", "r", "--refuse-changed-sources"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_NE(refused.err.find("reports/a.c"), std::string::npos) << refused.err;
  EXPECT_EQ(Storectl({"reports", "r"}).exit_code, 3);
  const v1::StoreStatus stored = Upload({Path("reports"), "--name", "r"});
  const auto& warnings = stored.result().warnings();
  EXPECT_TRUE(std::any_of(warnings.begin(), warnings.end(), [](const std::string& warning) {
    return warning.find("changed after") != std::string::npos;
  })) << stored.ShortDebugString();
}

TEST_F(EndToEndTest, InvalidUtf8_IsKept_AndReplacedWhenShown) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c"), "caf\xe9"));
  Upload({Path("reports"), "--name", "r"});
  EXPECT_EQ(Reports("r").at(0).message(), "caf\xef\xbf\xbd");
}

TEST_F(EndToEndTest, ExitCodes_AreAsDocumented) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  EXPECT_EQ(Storectl({"upload"}).exit_code, 2);
  EXPECT_EQ(Storectl({"no-such-command"}).exit_code, 2);
  EXPECT_EQ(Storectl({"upload", Path("not-there"), "--name", "r"}).exit_code, 2);
  EXPECT_EQ(Storectl({"upload", Path("reports"), "--name", ""}).exit_code, 2);
  EXPECT_EQ(Storectl({"upload", Path("reports"), "--name", "r", "--product", "none"}).exit_code, 3);
  EXPECT_EQ(Storectl({"status", std::string(32, '0')}).exit_code, 3);
  EXPECT_EQ(Storectl({"reports", "no-such-run"}).exit_code, 3);
  const Ended unreachable =
      RunProgram({BinaryPath("storectl"), "--server", "unix:" + Path("no-server"), "status", "x"});
  EXPECT_EQ(unreachable.exit_code, 3);
  for (const Ended& ended : {Storectl({"status", std::string(32, '0')}), unreachable}) {
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_TRUE(ended.err.starts_with("storectl: ")) << ended.err;
  }
  const Ended help = Storectl({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Exit"), std::string::npos) << help.out;
}

// Runs storectl with its standard output redirected by a shell.
class RedirectedTest : public EndToEndTest {
 protected:
  // `redirection` is shell syntax that follows the command: ">/dev/full".
  Ended Redirected(const std::string& redirection, std::vector<std::string> arguments) {
    std::vector<std::string> command = {
        "bash",     "-c",     "\"$0\" \"$@\" " + redirection, BinaryPath("storectl"),
        "--server", address()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunProgram(command);
  }
  // Returns the token of the only store into the run.
  std::string TokenOf(const std::string& run) {
    return Parse<v1::ListStoresResponse>(Storectl({"-o", "json", "stores", "--run", run}).out)
        .stores(0)
        .token();
  }
};

TEST_F(RedirectedTest, LostToken_IsReported_AndPrintedOnStandardError) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  int n = 0;
  // A full disk, and a reader that has exited.
  for (const std::string redirection : {">/dev/full", "> >(exec <&-; exec sleep 0)"}) {
    for (const char* form : {"table", "json"}) {
      const std::string run = fmt::format("run {}", ++n);
      const Ended ended = Redirected(
          redirection, {"upload", Path("reports"), "--name", run, "--no-block", "-q", "-o", form});
      if (redirection == ">/dev/full") {
        EXPECT_EQ(ended.exit_code, 5) << ended.err;
        EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
        EXPECT_NE(ended.err.find(TokenOf(run)), std::string::npos) << ended.err;
      } else {
        // The reader may have exited too late for storectl to notice.
        EXPECT_TRUE(ended.exit_code == 5 || ended.exit_code == 0) << ended.exit_code << ended.err;
        EXPECT_EQ(ended.err.find(TokenOf(run)) != std::string::npos, ended.exit_code == 5)
            << ended.err;
      }
    }
  }
}

TEST_F(RedirectedTest, LostResult_IsReported) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  const std::string token = Upload({Path("reports"), "--name", "r"}).token();
  const std::vector<std::vector<std::string>> commands = {
      {"runs"},
      {"reports", "r"},
      {"reports", "r", "--bug-path"},
      {"stores"},
      {"status", token},
      {"wait", token},
      {"products"},
      {"upload", Path("reports"), "--name", "r"},
      {"--help"},
      {"--version"},
      {"upload", "--help"}};
  for (const std::vector<std::string>& command : commands) {
    for (const char* form : {"table", "json"}) {
      SCOPED_TRACE(command[0] + " " + form);
      std::vector<std::string> arguments = {"-q", "-o", form};
      arguments.insert(arguments.end(), command.begin(), command.end());
      const Ended ended = Redirected(">/dev/full", arguments);
      EXPECT_EQ(ended.exit_code, 5) << ended.err;
      EXPECT_TRUE(ended.err.starts_with("storectl: standard output")) << ended.err;
      EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    }
  }
  const Ended backup = Redirected(">/dev/full", {"-q", "-o", "json", "backup", Path("backup")});
  EXPECT_EQ(backup.exit_code, 5) << backup.err;
  EXPECT_TRUE(std::filesystem::exists(Path("backup/meta.db")));
}

TEST_F(RedirectedTest, ReaderThatClosesEarly_IsNoError) {
  Upload({WriteFile("log.sarif", LargeSarif(20'000)), "--name", "large"});
  for (const char* form : {"table", "json"}) {
    const Ended ended = Redirected("| head -c 100", {"-o", form, "reports", "large"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(ended.out.size(), 100U);
  }
}

TEST_F(EndToEndTest, ShortStore_PrintsNoProgress) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  const absl::Time begin = absl::Now();
  const Ended upload = Storectl({"upload", Path("reports"), "--name", "r"});
  EXPECT_EQ(upload.exit_code, 0) << upload.err;
  if (absl::Now() - begin < absl::Seconds(1)) {
    EXPECT_EQ(upload.err.find("queued"), std::string::npos) << upload.err;
    EXPECT_EQ(upload.err.find("running"), std::string::npos) << upload.err;
  }
  EXPECT_NE(upload.err.find("token "), std::string::npos) << upload.err;
}

TEST_F(EndToEndTest, Server_StopsCleanly_AndKeepsItsResults) {
  WriteFile("reports/a.plist", SmallPlist(Path("a.c")));
  Upload({Path("reports"), "--name", "r"});
  StopServer();
  EXPECT_TRUE(std::filesystem::is_empty(data() + "/spool"));
  StartServer();
  EXPECT_EQ(Reports("r").size(), 1u);
  EXPECT_EQ(Upload({Path("reports"), "--name", "r"}).result().unresolved_reports(), 1);
}

TEST_F(EndToEndTest, SecondServerOnTheSameDirectory_IsRefused) {
  const Ended second = RunProgram(
      {BinaryPath("stored"), "--data", data(), "--listen", "unix:" + Path("other-socket")});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find(data()), std::string::npos) << second.err;
  EXPECT_EQ(Storectl({"runs"}).exit_code, 0);
}

TEST_F(EndToEndTest, SecondServerOnTheSameSocket_IsRefused_TheFirstKeepsIt) {
  const Ended second =
      RunProgram({BinaryPath("stored"), "--data", Path("other-data"), "--listen", address()});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find(address()), std::string::npos) << second.err;
  EXPECT_EQ(std::count(second.err.begin(), second.err.end(), '\n'), 1) << second.err;
  EXPECT_EQ(Storectl({"runs"}).exit_code, 0);
}

TEST_F(EndToEndTest, EveryRequest_IsOneLineInTheLog) {
  const auto lines = [this] {
    const std::string log = server().Output();
    return std::count(log.begin(), log.end(), '\n');
  };
  const auto before = lines();
  Storectl({"runs"});
  EXPECT_NE(server().WaitForLine("ListRuns"), "");
  EXPECT_EQ(lines(), before + 1) << server().Output();
}

}  // namespace
}  // namespace stored::tests
