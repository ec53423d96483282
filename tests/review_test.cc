// Reviews by comments in sources and by review_status.yaml, from a report directory to the rows,
// whether storectl or the server parses the directory.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "stored/v1/store_service.grpc.pb.h"
#include "tests/harness/served_test.h"
#include "tests/harness/upload_parts.h"

namespace stored::tests {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kSource[] =
    "// codechecker_suppress [all] by suppress\n"     // 1
    "int a;\n"                                        // 2
    "/* codechecker_intentional\r\n"                  // 3
    " * [other, Zero] by\r\n"                         // 4
    " * intentional */\r\n"                           // 5
    "int b;\r\n"                                      // 6
    "// codechecker_confirmed [a.checker] by conf\n"  // 7
    "// irmed\n"                                      // 8
    "int c;\n"                                        // 9
    "\n"                                              // 10
    "int d;\n"                                        // 11
    "// codechecker_confirmed [all] one\n"            // 12
    "// codechecker_false_positive [core] two\n"      // 13
    "int e;\n";                                       // 14

class ReviewTest : public ServedTest {
 protected:
  void SetUp() override {
    ServedTest::SetUp();
    StartServer();
    stub_ = v1::StoreService::NewStub(
        grpc::CreateChannel(address(), grpc::InsecureChannelCredentials()));
    WriteFile("reports/src/a.c", kSource);
    WritePlist({2, 6, 9, 11, 14});
    WriteFile("reports/review_status.yaml",
              fmt::format("$version: 1\n"
                          "rules:\n"
                          "  - filters: {{report_hash: '11'}}\n"
                          "    actions: {{review_status: suppress, reason: by hash}}\n"
                          "  - filters: {{filepath: '{}*', checker_name: core.DivideZero}}\n"
                          "    actions: {{review_status: confirmed, reason: by rule}}\n",
                          Path("reports/")));
  }

  // Writes a finding of core.DivideZero at each line, with a hash that begins with the line's
  // number.
  void WritePlist(const std::vector<int>& lines) const {
    std::string text = fmt::format(
        "<plist version=\"1.0\"><dict><key>files</key><array><string>{}</string></array>"
        "<key>diagnostics</key><array>",
        Path("reports/src/a.c"));
    for (const int line : lines) {
      const std::string location = fmt::format(
          "<key>location</key><dict><key>line</key><integer>{}</integer><key>col</key>"
          "<integer>1</integer><key>file</key><integer>0</integer></dict>",
          line);
      text += fmt::format(
          "<dict><key>check_name</key><string>core.DivideZero</string><key>description</key>"
          "<string>at {0}</string><key>issue_hash_content_of_line_in_context</key>"
          "<string>{0:02}0123456789abcdef</string>{1}<key>path</key><array><dict><key>kind</key>"
          "<string>event</string><key>message</key><string>at "
          "{0}</string>{1}</dict></array></dict>",
          line, location);
    }
    WriteFile("reports/a.plist", text + "</array></dict></plist>");
  }

  // Stores the report directory as CodeChecker's client packs it, so that the server unpacks it.
  v1::StoreStatus UploadArchive(const std::string& run, bool skip_bad_files = false) {
    const std::string zip = Path("upload.zip");
    const Ended packed =
        RunProgram({"python3", "-c",
                    "import os, sys, zipfile\n"
                    "with zipfile.ZipFile(sys.argv[1], 'w') as out:\n"
                    "    for name in ('a.plist', 'review_status.yaml'):\n"
                    "        path = os.path.join(sys.argv[2], name)\n"
                    "        if os.path.exists(path): out.write(path, 'reports/1/' + name)\n"
                    "    source = os.path.join(sys.argv[2], 'src/a.c')\n"
                    "    out.write(source, 'root' + source)\n",
                    zip, Path("reports")});
    EXPECT_EQ(packed.exit_code, 0) << packed.err;
    const std::string payload = *ReadFile(zip, 1 << 20);
    v1::UploadRequest header = UploadHeader(run);
    header.mutable_header()->set_format(v1::PAYLOAD_FORMAT_ARCHIVE);
    header.mutable_header()->set_skip_bad_files(skip_bad_files);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::StoreStatus status;
    const auto writer = stub_->Store(&context, &status);
    for (const v1::UploadRequest& request :
         {header, UploadChunk(0, payload), UploadTrailer(payload)}) {
      if (!writer->Write(request)) break;
    }
    writer->WritesDone();
    const grpc::Status end = writer->Finish();
    EXPECT_TRUE(end.ok()) << end.error_message();
    return status;
  }

  // Returns the reports of the run by line.
  std::map<int, v1::Report> ByLine(const std::string& run) {
    std::map<int, v1::Report> by_line;
    for (v1::Report& report : Reports(run)) by_line[report.line()] = std::move(report);
    return by_line;
  }

  std::unique_ptr<v1::StoreService::Stub> stub_;
};

TEST_F(ReviewTest, CommentsAndRules_DirectoryAndArchive_GiveTheSameRows) {
  const v1::StoreStatus stored = Upload({Path("reports"), "--name", "here"});
  EXPECT_THAT(stored.result().warnings(),
              Contains(AllOf(HasSubstr("reports/src/a.c:14"), HasSubstr("core.DivideZero"))));
  const v1::StoreStatus archived = UploadArchive("there");
  EXPECT_EQ(archived.state(), v1::STORE_STATE_COMPLETED) << archived.error().message();
  EXPECT_THAT(archived.result().warnings(),
              Contains(AllOf(HasSubstr("reports/src/a.c:14"), HasSubstr("core.DivideZero"))));

  std::map<int, v1::Report> reports = ByLine("here");
  ASSERT_EQ(reports.size(), 5U);
  EXPECT_EQ(reports[2].review_status(), v1::REVIEW_STATUS_FALSE_POSITIVE);
  EXPECT_EQ(reports[2].review_comment(), "by suppress");
  EXPECT_EQ(reports[6].review_status(), v1::REVIEW_STATUS_INTENTIONAL);
  EXPECT_EQ(reports[6].review_comment(), "by intentional");
  // The comment is about another checker, so the rule applies.
  EXPECT_EQ(reports[9].review_status(), v1::REVIEW_STATUS_CONFIRMED);
  EXPECT_EQ(reports[9].review_comment(), "by rule");
  EXPECT_EQ(reports[11].review_status(), v1::REVIEW_STATUS_FALSE_POSITIVE);
  EXPECT_EQ(reports[11].review_comment(), "by hash");
  EXPECT_EQ(reports[14].review_status(), v1::REVIEW_STATUS_UNREVIEWED);
  for (const auto& [line, report] : reports) {
    const bool closed = line == 2 || line == 6 || line == 11;
    EXPECT_EQ(report.has_fixed_at(), closed) << line;
    EXPECT_EQ(report.detection_status(), v1::DETECTION_STATUS_NEW) << line;
  }
  EXPECT_EQ(Rows("there"), Rows("here"));
}

TEST_F(ReviewTest, CommentsAndRules_ComeAndGo_BetweenStores) {
  Upload({Path("reports"), "--name", "r"});
  const auto fixed_at = ByLine("r")[2].fixed_at();
  WriteFile("reports/src/a.c", std::string("//") + std::string(40, '-') + "\nint a;\n");
  WritePlist({2, 11});
  WriteFile("reports/review_status.yaml",
            "$version: 1\nrules:\n  - filters: {checker_name: core.DivideZero}\n    actions: "
            "{review_status: confirmed}\n");
  Upload({Path("reports"), "--name", "r"});
  std::map<int, v1::Report> reports = ByLine("r");
  for (const int line : {2, 11}) {
    EXPECT_EQ(reports[line].review_status(), v1::REVIEW_STATUS_CONFIRMED) << line;
    EXPECT_EQ(reports[line].review_comment(), "") << line;
    EXPECT_FALSE(reports[line].has_fixed_at()) << line;
    EXPECT_EQ(reports[line].detection_status(), v1::DETECTION_STATUS_UNRESOLVED) << line;
  }
  WriteFile("reports/src/a.c", "// codechecker_intentional [Divide] again\nint a;\n");
  Upload({Path("reports"), "--name", "r"});
  reports = ByLine("r");
  EXPECT_EQ(reports[2].review_status(), v1::REVIEW_STATUS_INTENTIONAL);
  EXPECT_EQ(reports[2].detection_status(), v1::DETECTION_STATUS_UNRESOLVED);
  EXPECT_TRUE(reports[2].has_fixed_at());
  EXPECT_GE(reports[2].fixed_at().seconds(), fixed_at.seconds());
  // Closed for another reason, but still closed since the same time.
  const auto closed_at = reports[2].fixed_at();
  WriteFile("reports/src/a.c", "// codechecker_suppress [Divide] otherwise\nint a;\n");
  Upload({Path("reports"), "--name", "r"});
  EXPECT_EQ(ByLine("r")[2].review_comment(), "otherwise");
  EXPECT_EQ(ByLine("r")[2].fixed_at().nanos(), closed_at.nanos());
  // No comment and no rule is left.
  WriteFile("reports/src/a.c", "\nint a;\n");
  WriteFile("reports/review_status.yaml", "$version: 1\nrules: []\n");
  const v1::StoreStatus last = Upload({Path("reports"), "--name", "r"});
  EXPECT_EQ(last.result().unresolved_reports(), 2);
  for (const auto& [line, report] : ByLine("r")) {
    if (line != 2 && line != 11) continue;
    EXPECT_EQ(report.review_status(), v1::REVIEW_STATUS_UNREVIEWED) << line;
    EXPECT_FALSE(report.has_fixed_at()) << line;
  }
}

TEST_F(ReviewTest, Rules_Malformed_NothingIsStored) {
  WriteFile("reports/review_status.yaml", "$version: 1\nrules:\n  - filters: {colour: red}\n");
  const Ended upload = Storectl({"upload", Path("reports"), "--name", "r"});
  EXPECT_EQ(upload.exit_code, 2);
  EXPECT_THAT(upload.err, HasSubstr("reports/review_status.yaml: line 3, column 5: rule 1"));
  const v1::StoreStatus archived = UploadArchive("r");
  EXPECT_EQ(archived.state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(archived.error().code(), v1::STORE_ERROR_CODE_BAD_INPUT);
  EXPECT_THAT(archived.error().message(),
              HasSubstr("review_status.yaml: line 3, column 5: rule 1"));
  EXPECT_EQ(UploadArchive("r", /*skip_bad_files=*/true).state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(Storectl({"upload", Path("reports"), "--name", "r", "--skip-bad-files"}).exit_code, 2);

  WriteFile("good/a.plist", SmallPlist("/x/good.c"));
  const v1::StoreStatus rest =
      Upload({Path("reports"), Path("good"), "--name", "r", "--skip-bad-files"});
  EXPECT_EQ(rest.result().new_reports(), 1);
  EXPECT_THAT(rest.result().warnings(), Contains(HasSubstr("left out, with the result files")));
}

}  // namespace
}  // namespace stored::tests
