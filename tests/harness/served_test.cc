#include "tests/harness/served_test.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/time/clock.h"

namespace stored::tests {

std::string CorpusMaker() {
  const std::string path = SourcePath("../shared/tools/make_corpus.py");
  return std::filesystem::exists(path) ? path : "";
}

void ServedTest::SetUp() {
  absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "stored-test-");
  ASSERT_TRUE(created.ok()) << created.status();
  directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
}

void ServedTest::StartServer(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {BinaryPath("stored"), "--data", data(), "--listen",
                                      address()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::filesystem::remove(Path("server.log"));
  server_ = std::make_unique<Child>(command, Path("server.log"), server_environment_);
  ASSERT_NE(server_->WaitForLine("listening on"), "") << server_->Output();
}

void ServedTest::StopServer() {
  EXPECT_EQ(server_->Stop(SIGTERM), 0) << server_->Output();
  server_.reset();
}

Ended ServedTest::Storectl(std::vector<std::string> arguments, const std::string& input) {
  std::vector<std::string> command = {BinaryPath("storectl"), "--server", address()};
  command.insert(command.end(), std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end()));
  return RunProgram(command, input);
}

v1::StoreStatus ServedTest::Upload(std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.begin(), {"-o", "json", "upload"});
  const Ended ended = Storectl(std::move(arguments), input);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  return ParseStatus(ended.out);
}

std::string ServedTest::UploadNoBlock(const std::string& path, const std::string& run,
                                      const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"upload", path, "--name", run, "--no-block"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended ended = Storectl(std::move(arguments));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  return ended.out.substr(0, ended.out.find('\n'));
}

v1::StoreStatus ServedTest::Status(const std::string& token) {
  return ParseStatus(Storectl({"-o", "json", "status", token}).out);
}

v1::StoreStatus ServedTest::Wait(const std::string& token) {
  return ParseStatus(Storectl({"-o", "json", "wait", token, "--timeout", "110s"}).out);
}

bool ServedTest::SpoolIsEmpty() const {
  const absl::Time deadline = absl::Now() + kTestPatience;
  while (!std::filesystem::is_empty(data() + "/spool")) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

std::vector<v1::Report> ServedTest::Reports(const std::string& run,
                                            const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"-o", "json", "reports", run, "--bug-path"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended ended = Storectl(std::move(arguments));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  v1::ListReportsResponse list;
  const auto parsed = google::protobuf::util::JsonStringToMessage(ended.out, &list);
  EXPECT_TRUE(parsed.ok()) << parsed.ToString();
  return {list.reports().begin(), list.reports().end()};
}

std::vector<std::string> ServedTest::Rows(const std::string& run,
                                          const std::vector<std::string>& more) {
  std::vector<std::string> rows;
  for (v1::Report& report : Reports(run, more)) {
    report.clear_report_id();
    report.clear_detected_at();
    report.clear_fixed_at();
    rows.push_back(report.ShortDebugString());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::string ServedTest::WriteFile(const std::string& name, std::string_view content) const {
  std::string path = Path(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  const absl::StatusOr<UniqueFd> fd = OpenFile(path, O_CREAT | O_TRUNC | O_WRONLY);
  EXPECT_TRUE(fd.ok()) << fd.status();
  EXPECT_TRUE(WriteAt(fd->get(), content, 0, path).ok());
  return path;
}

std::string SmallPlist(const std::string& file, const std::string& message,
                       const std::string& hash) {
  const std::string location =
      "<dict><key>line</key><integer>1</integer><key>col</key><integer>1</integer>"
      "<key>file</key><integer>0</integer></dict>";
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<plist version=\"1.0\"><dict>\n"
      "<key>files</key><array><string>{}</string></array>\n"
      "<key>diagnostics</key><array><dict>\n"
      "<key>check_name</key><string>a.checker</string>\n"
      "<key>category</key><string>a</string>\n"
      "<key>description</key><string>{}</string>\n"
      "<key>issue_hash_content_of_line_in_context</key><string>{}</string>\n"
      "<key>location</key>{}\n"
      "<key>path</key><array><dict><key>kind</key><string>event</string>\n"
      "<key>depth</key><integer>0</integer><key>location</key>{}\n"
      "<key>message</key><string>{}</string></dict></array>\n"
      "</dict></array></dict></plist>\n",
      file, message, hash, location, location, message);
}

std::string SmallSarif(const std::string& file, const std::string& message) {
  return fmt::format(
      R"({{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"a-tool"}}}},"results":[)"
      R"({{"ruleId":"a-rule","message":{{"text":"{}"}},"locations":[{{"physicalLocation":)"
      R"({{"artifactLocation":{{"uri":"{}"}},"region":{{"startLine":1}}}}}}]}}]}}]}})",
      message, file);
}

std::string LargeSarif(int results, const std::string& word) {
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"large"}},"results":[)";
  for (int i = 0; i < results; ++i) {
    log += fmt::format(R"({}{{"ruleId":"rule-{}","message":{{"text":"{} {}"}},"locations":[{{)"
                       R"("physicalLocation":{{"artifactLocation":{{"uri":"src/{}.c"}},"region":{{)"
                       R"("startLine":{},"startColumn":3}}}}}}]}})",
                       i == 0 ? "" : ",", i % 100, word, i, i % 1000, i + 1);
  }
  return log + "]}]}";
}

v1::StoreStatus ParseStatus(const std::string& json) {
  v1::StoreStatus status;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &status);
  EXPECT_TRUE(parsed.ok()) << json;
  return status;
}

}  // namespace stored::tests
