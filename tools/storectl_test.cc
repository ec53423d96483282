// storectl as a whole, against a server whose answers the test decides.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/sha256.h"
#include "client/testing/fake_clock.h"
#include "client/testing/fake_server.h"
#include "reports/bundle/bundle_reader.h"
#include "tools/commands/command_line.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr char kSarif[] = R"({
  "version": "2.1.0",
  "runs": [{
    "tool": {"driver": {"name": "lint", "rules": [{"id": "unused"}]}},
    "results": [
      {"ruleId": "unused", "message": {"text": "x is never used"}, "level": "warning",
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"},
                                           "region": {"startLine": 2, "startColumn": 5}}}]},
      {"ruleId": "unused", "message": {"text": "y is never used"}, "level": "warning",
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.c"},
                                           "region": {"startLine": 3, "startColumn": 5}}}]}
    ]
  }]
})";
constexpr char kSource[] = "int f(void) {\n  int x;\n  int y;\n  return 0;\n}\n";

// Counts what a bundle has.
class CountingSink final : public reports::ReportSink {
 public:
  absl::Status AddAnalysis(reports::Analysis /*analysis*/) override { return absl::OkStatus(); }
  absl::Status AddFile(reports::SourceFile file) override {
    paths.push_back(std::move(file.path));
    return absl::OkStatus();
  }
  absl::Status AddReport(reports::Report report) override {
    messages.push_back(std::move(report.message));
    return absl::OkStatus();
  }
  absl::Status AddContent(std::string_view /*sha256*/, std::string_view /*zstd*/,
                          uint64_t size) override {
    content_sizes.push_back(size);
    return absl::OkStatus();
  }
  absl::Status Finish(const reports::CollectionSummary& /*summary*/) override {
    return absl::OkStatus();
  }

  std::vector<std::string> paths;
  std::vector<std::string> messages;
  std::vector<uint64_t> content_sizes;
};

class StorectlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "storectl-test-");
    ASSERT_TRUE(directory.ok());
    directory_.emplace(*std::move(directory));
    Write("results.sarif", kSarif);
    Write("a.c", kSource);
    // The server lacks everything.
    server_.on_find_missing = [](const v1::FindMissingSourcesRequest& request,
                                 v1::FindMissingSourcesResponse& response) {
      *response.mutable_sha256() = request.sha256();
      return grpc::Status::OK;
    };
    server_.accepted_status.set_state(v1::STORE_STATE_ENQUEUED);
    server_.accepted_status.set_in_progress(true);
    Becomes(v1::STORE_STATE_COMPLETED);
  }

  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  void Write(const std::string& name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
  }

  // What GetStatus says from now on.
  void Becomes(v1::StoreState state) {
    server_.on_get_status = [state](const std::string& token, v1::StoreStatus& status) {
      status.set_token(token);
      status.set_run_name("nightly");
      status.set_state(state);
      if (state == v1::STORE_STATE_COMPLETED) {
        status.mutable_result()->set_reports(2);
        status.mutable_result()->set_new_reports(2);
      } else if (state == v1::STORE_STATE_FAILED) {
        status.mutable_error()->set_message("x.plist: not XML");
      } else {
        status.set_in_progress(true);
      }
      return grpc::Status::OK;
    };
  }

  // Runs storectl and keeps what it said.
  int Run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    Output output(out, err, 0);
    const int code = RunStorectl(std::move(arguments), server_.address(), output, clock_, nullptr);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  // The whole of standard output as one message.
  template <typename Message>
  Message OutAs() const {
    Message message;
    const auto status = google::protobuf::util::JsonStringToMessage(out_, &message);
    EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << out_;
    return message;
  }

  std::optional<TemporaryDirectory> directory_;
  client::FakeServer server_;
  client::FakeClock clock_;
  std::string out_;
  std::string err_;
};

TEST_F(StorectlTest, Upload_SarifLog_ArrivesAndItsOutcomeIsPrinted) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "nightly", "--tag", "v1", "--force",
                 "--upload-id", "upload-1"}),
            0)
      << err_;
  EXPECT_EQ(out_,
            "COMPLETED run nightly: 2 reports: 2 new, 0 unresolved, 0 reopened, 0 resolved\n");
  EXPECT_THAT(err_, HasSubstr("found 1 result file with 2 diagnostics: 2 distinct reports in 1 "
                              "source file"));
  EXPECT_THAT(err_, HasSubstr("the server has 0 of 1 source"));
  const client::FakeUpload upload = server_.upload("upload-1");
  EXPECT_EQ(upload.header.run_name(), "nightly");
  EXPECT_EQ(upload.header.tag(), "v1");
  EXPECT_TRUE(upload.header.force());
  EXPECT_EQ(upload.header.format(), v1::PAYLOAD_FORMAT_BUNDLE);
  EXPECT_EQ(upload.header.expected_size(), static_cast<int64_t>(upload.bytes.size()));

  Write("bundle", upload.bytes);
  CountingSink sink;
  ASSERT_TRUE(reports::BundleReader(Path("bundle"), {}).ReadInto(sink).ok());
  EXPECT_THAT(sink.messages, ElementsAre("x is never used", "y is never used"));
  EXPECT_THAT(sink.content_sizes, ElementsAre(sizeof(kSource) - 1));
}

TEST_F(StorectlTest, Upload_ServerHasTheSource_ItIsNotSent) {
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest&,
                               v1::FindMissingSourcesResponse&) { return grpc::Status::OK; };
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--upload-id", "upload-1"}), 0);
  EXPECT_THAT(err_, HasSubstr("the server has 1 of 1 source"));
  Write("bundle", server_.upload("upload-1").bytes);
  CountingSink sink;
  ASSERT_TRUE(reports::BundleReader(Path("bundle"), {}).ReadInto(sink).ok());
  EXPECT_TRUE(sink.content_sizes.empty());
}

TEST_F(StorectlTest, Upload_SeveralPrefixes_TakeOneValueEach) {
  ASSERT_EQ(
      Run({"upload", "--trim-path-prefix", "/nowhere", "--trim-path-prefix", directory_->path(),
           Path("results.sarif"), "--name", "n", "--upload-id", "upload-1"}),
      0)
      << err_;
  Write("bundle", server_.upload("upload-1").bytes);
  CountingSink sink;
  ASSERT_TRUE(reports::BundleReader(Path("bundle"), {}).ReadInto(sink).ok());
  EXPECT_THAT(sink.paths, ElementsAre("a.c"));
}

TEST_F(StorectlTest, Upload_NoBlock_PrintsTheTokenAlone) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--no-block", "--upload-id",
                 "upload-1"}),
            0);
  EXPECT_EQ(out_, "token-of-upload-1\n");
  EXPECT_EQ(server_.calls("GetStatus"), 0);
}

TEST_F(StorectlTest, Upload_NoBlockJson_PrintsTheStatus) {
  EXPECT_EQ(Run({"-o", "json", "upload", Path("results.sarif"), "--name", "n", "--no-block",
                 "--upload-id", "upload-1"}),
            0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().token(), "token-of-upload-1");
}

TEST_F(StorectlTest, Upload_Json_PrintsOneStatusWithZeroFields) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().result().new_reports(), 2);
  EXPECT_THAT(out_, HasSubstr("\"resolvedReports\":0"));
}

TEST_F(StorectlTest, Upload_UploadIdAcceptedBefore_TakesItsToken) {
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "nightly", "--upload-id", "upload-1"}),
            0);
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "nightly", "--upload-id", "upload-1",
                 "--no-block"}),
            0)
      << err_;
  EXPECT_EQ(out_, "token-of-upload-1\n");
  EXPECT_EQ(server_.calls("Upload"), 1);
}

TEST_F(StorectlTest, Upload_UploadIdOfAnotherRun_IsRefused) {
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "a", "--upload-id", "upload-1"}), 0);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "b", "--upload-id", "upload-1"}), 3);
  EXPECT_THAT(err_, HasSubstr("was used for run a"));
}

TEST_F(StorectlTest, Upload_NoName_IsWrongUse) {
  EXPECT_EQ(Run({"upload", Path("results.sarif")}), 2);
  EXPECT_THAT(err_, HasSubstr("--name"));
  EXPECT_EQ(server_.upload_count(), 0u);
}

TEST_F(StorectlTest, Upload_NameFromMetadata_IsTaken) {
  ASSERT_TRUE(CreateDirectories(Path("reports")).ok());
  Write("reports/results.sarif", kSarif);
  Write("reports/metadata.json",
        R"({"version": 2, "tools": [{"name": "codechecker", "run_name": "from-metadata"}]})");
  EXPECT_EQ(Run({"upload", Path("reports"), "--upload-id", "upload-1"}), 0) << err_;
  EXPECT_EQ(server_.upload("upload-1").header.run_name(), "from-metadata");
}

TEST_F(StorectlTest, Upload_SeveralNamesInMetadata_IsWrongUseUntilOneIsGiven) {
  for (const std::string run : {"one", "two"}) {
    ASSERT_TRUE(CreateDirectories(Path(run)).ok());
    Write(run + "/results.sarif", kSarif);
    Write(run + "/metadata.json",
          R"({"tools": [{"name": "codechecker", "run_name": "project-)" + run + R"("}]})");
  }
  EXPECT_EQ(Run({"upload", Path("one"), Path("two")}), 2);
  EXPECT_THAT(err_, HasSubstr("'project-one' (" + Path("one/metadata.json") + ")"));
  EXPECT_THAT(err_, HasSubstr("'project-two' (" + Path("two/metadata.json") + ")"));
  EXPECT_THAT(err_, HasSubstr("--name"));
  EXPECT_EQ(server_.upload_count(), 0u);
  // The directory above both is no better.
  EXPECT_EQ(Run({"upload", directory_->path()}), 2);
  EXPECT_EQ(Run({"upload", Path("one"), Path("two"), "--name", "both", "--upload-id", "upload-1"}),
            0)
      << err_;
  EXPECT_EQ(server_.upload("upload-1").header.run_name(), "both");
  // One name for all is no question.
  Write("two/metadata.json", R"({"tools": [{"name": "t", "run_name": "project-one"}]})");
  EXPECT_EQ(Run({"upload", Path("one"), Path("two"), "--upload-id", "upload-2"}), 0) << err_;
  EXPECT_EQ(server_.upload("upload-2").header.run_name(), "project-one");
}

// As a script passes on a variable that is not set.
TEST_F(StorectlTest, EmptyValues_AreWrongUse) {
  Write("metadata.json", R"({"tools": [{"name": "t", "run_name": "from-metadata"}]})");
  const std::string log = Path("results.sarif");
  for (const std::string option : {"--name", "--product", "--server", "--expire-after", "--timeout",
                                   "--upload-id", "--trim-path-prefix"}) {
    EXPECT_EQ(Run({"upload", log, option, ""}), 2) << option;
    EXPECT_THAT(err_, HasSubstr(option + " is empty: give it a value or leave it out"));
    EXPECT_THAT(err_, testing::EndsWith("\n"));
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    // Nor is the next argument taken for the value.
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

TEST_F(StorectlTest, EmptyTagAndDescription_AreNone) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--tag", "",
                 "--description=", "--upload-id", "upload-1"}),
            0)
      << err_;
  EXPECT_EQ(server_.upload("upload-1").header.tag(), "");
  EXPECT_EQ(server_.upload("upload-1").header.description(), "");
}

TEST_F(StorectlTest, Upload_OddMetadataAndSkipFile_WarnsAndStores) {
  ASSERT_TRUE(CreateDirectories(Path("reports")).ok());
  Write("reports/results.sarif", kSarif);
  Write("reports/metadata.json", "");
  Write("reports/skip_file", "oops\n");
  EXPECT_EQ(Run({"upload", Path("reports"), "--name", "n"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("warning: " + Path("reports/metadata.json") + ": empty"));
  EXPECT_THAT(err_, HasSubstr("warning: " + Path("reports/skip_file") + ": line 1 is left out"));
  EXPECT_EQ(server_.upload_count(), 1u);
}

TEST_F(StorectlTest, Outcome_FilesThatWereNotAnalysed_AreALineOfTheirOwn) {
  server_.on_get_status = [](const std::string& token, v1::StoreStatus& status) {
    status.set_token(token);
    status.set_run_name("nightly");
    status.set_state(v1::STORE_STATE_COMPLETED);
    status.mutable_result()->set_analyzed_files(120);
    status.mutable_result()->set_failed_files(2);
    return grpc::Status::OK;
  };
  for (const char* command : {"wait", "status"}) {
    EXPECT_EQ(Run({command, "t"}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("\n2 of 120 files were not analysed: a finding that is gone may be "
                                "gone for that\n"));
  }
  EXPECT_EQ(Run({"wait", "t", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().result().failed_files(), 2);
}

TEST_F(StorectlTest, Upload_BadFileAmongGood_NamesItAndStoresNothing) {
  Write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [");
  EXPECT_EQ(Run({"upload", directory_->path(), "--name", "n"}), 2);
  EXPECT_THAT(err_, HasSubstr("bad.sarif"));
  EXPECT_THAT(err_, HasSubstr("--skip-bad-files"));
  EXPECT_EQ(server_.upload_count(), 0u);
}

TEST_F(StorectlTest, Upload_SkipBadFiles_StoresTheRestWithAWarning) {
  Write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [");
  EXPECT_EQ(Run({"upload", directory_->path(), "--name", "n", "--skip-bad-files"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("storectl: warning: "));
  EXPECT_THAT(err_, HasSubstr("bad.sarif"));
  EXPECT_EQ(server_.upload_count(), 1u);
}

TEST_F(StorectlTest, Upload_WarningsOfTheServer_AreNotSaidTwice) {
  Write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [");
  ASSERT_EQ(Run({"upload", directory_->path(), "--name", "n", "--skip-bad-files"}), 0);
  const size_t begin = err_.find("storectl: warning: ");
  ASSERT_NE(begin, std::string::npos);
  const size_t text = begin + std::string("storectl: warning: ").size();
  const std::string warning = err_.substr(text, err_.find('\n', begin) - text);
  server_.on_get_status = [&](const std::string&, v1::StoreStatus& status) {
    status.set_state(v1::STORE_STATE_COMPLETED);
    status.mutable_result()->add_warnings(warning);
    status.mutable_result()->add_warnings("only the server knows");
    return grpc::Status::OK;
  };
  ASSERT_EQ(Run({"upload", directory_->path(), "--name", "n", "--skip-bad-files"}), 0);
  EXPECT_EQ(err_.find(warning), err_.rfind(warning));
  EXPECT_THAT(err_, HasSubstr("storectl: warning: only the server knows\n"));
}

TEST_F(StorectlTest, Upload_NoSuchPath_IsFoundBeforeTheServerIsAsked) {
  EXPECT_EQ(Run({"upload", Path("nothing"), "--name", "n"}), 2);
  EXPECT_THAT(err_, HasSubstr("nothing: no such file or directory"));
  EXPECT_EQ(server_.calls("FindMissingSources"), 0);
}

TEST_F(StorectlTest, Upload_ControlCharacterInName_IsWrongUse) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "a\nb"}), 2);
  EXPECT_THAT(err_, HasSubstr("--name has a control character"));
}

TEST_F(StorectlTest, Upload_UnknownProduct_IsFoundBeforeParsing) {
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest& request,
                               v1::FindMissingSourcesResponse&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no product '" + request.product() + "'");
  };
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--product", "p"}), 3);
  EXPECT_THAT(err_, HasSubstr("no product 'p'"));
  EXPECT_THAT(err_, Not(HasSubstr("found ")));
}

TEST_F(StorectlTest, Upload_NobodyListens_EndsWithThreeInBoundedTime) {
  std::string address;
  {
    const client::FakeServer gone;
    address = gone.address();
  }
  const absl::Duration begin = clock_.Monotonic();
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--server", address}), 3);
  EXPECT_LE(clock_.Monotonic() - begin, absl::Seconds(15));
  EXPECT_THAT(err_, MatchesRegex("storectl: upload: server .*: Connection refused; is stored "
                                 "running there\\?.*\n"));

  // With a time of its own it is the time that ran out, and not later than that.
  const absl::Duration limited = clock_.Monotonic();
  EXPECT_EQ(
      Run({"upload", Path("results.sarif"), "--name", "n", "--server", address, "--timeout", "3s"}),
      4);
  EXPECT_LE(clock_.Monotonic() - limited, absl::Seconds(4));
  EXPECT_THAT(err_, HasSubstr("not done within 3s"));
}

TEST_F(StorectlTest, Upload_StoreFails_EndsWithOneAndSaysWhy) {
  Becomes(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n"}), 1);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("storectl: FAILED store"));
  EXPECT_THAT(err_, HasSubstr("x.plist: not XML"));
}

TEST_F(StorectlTest, Upload_TimeRunsOut_EndsWithFourAndSaysHowToGoOn) {
  Becomes(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--timeout", "30s", "--upload-id",
                 "upload-1", "-o", "json"}),
            4);
  EXPECT_THAT(err_, HasSubstr("storectl wait token-of-upload-1 --server " + server_.address()));
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_RUNNING);
}

TEST_F(StorectlTest, Wait_ExitCodes_FollowTheState) {
  EXPECT_EQ(Run({"wait", "t"}), 0);
  Becomes(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"wait", "t"}), 1);
  Becomes(v1::STORE_STATE_CANCELLED);
  EXPECT_EQ(Run({"wait", "t"}), 1);
  Becomes(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"wait", "t", "--timeout", "5s"}), 4);
  server_.on_get_status = [](const std::string&, v1::StoreStatus&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such token");
  };
  EXPECT_EQ(Run({"wait", "t"}), 3);
  EXPECT_THAT(err_, Not(HasSubstr("storectl wait")));
}

TEST_F(StorectlTest, Wait_Watch_UsesTheStream) {
  server_.on_watch = [](const std::string&, grpc::ServerWriter<v1::StoreStatus>& writer) {
    v1::StoreStatus status;
    status.set_state(v1::STORE_STATE_COMPLETED);
    writer.Write(status);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"wait", "t", "--watch"}), 0);
  EXPECT_EQ(server_.calls("GetStatus"), 0);
}

TEST_F(StorectlTest, Wait_Verbose_TellsTheWayOfTheStore) {
  server_.on_get_status = [n = 0](const std::string&, v1::StoreStatus& status) mutable {
    ++n;
    status.set_state(n == 1   ? v1::STORE_STATE_ENQUEUED
                     : n == 2 ? v1::STORE_STATE_RUNNING
                              : v1::STORE_STATE_COMPLETED);
    status.set_queue_position(3);
    status.set_phase(v1::STORE_PHASE_COMPARING);
    status.set_phase_done(10);
    status.set_phase_total(200);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"wait", "t", "-v"}), 0);
  EXPECT_EQ(err_, "queued, 3 stores before it\nrunning: comparing, 10 of 200 reports\n");
}

TEST_F(StorectlTest, Status_Json_IsTheStatusAndTheExitCodeItsState) {
  Becomes(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"status", "t", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_RUNNING);
  Becomes(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"status", "t", "-o", "json"}), 1);
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_FAILED);
  EXPECT_EQ(server_.calls("GetStatus"), 2);
}

TEST_F(StorectlTest, Cancel_FinishedAlready_EndsWithThree) {
  server_.on_cancel = [](const std::string&, v1::StoreStatus&) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "it has COMPLETED already");
  };
  EXPECT_EQ(Run({"cancel", "t"}), 3);
  EXPECT_THAT(err_, HasSubstr("it has COMPLETED already"));
  server_.on_cancel = [](const std::string&, v1::StoreStatus& status) {
    status.set_state(v1::STORE_STATE_CANCELLED);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"cancel", "t"}), 0);
  EXPECT_EQ(out_, "CANCELLED store t\n");
}

TEST_F(StorectlTest, Stores_FiltersAndPages_AllInOneDocument) {
  server_.on_list_stores = [](const v1::ListStoresRequest& request,
                              v1::ListStoresResponse& response) {
    EXPECT_EQ(request.run_name(), "night*");
    EXPECT_THAT(request.states(), ElementsAre(v1::STORE_STATE_RUNNING, v1::STORE_STATE_FAILED));
    response.add_stores()->set_token("t" + request.page_token());
    if (request.page_token().empty()) response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(
      Run({"stores", "--run", "night*", "--state", "running", "--state", "FAILED", "-o", "json"}),
      0);
  const auto all = OutAs<v1::ListStoresResponse>();
  ASSERT_EQ(all.stores_size(), 2);
  EXPECT_EQ(all.stores(1).token(), "t2");
  EXPECT_EQ(all.next_page_token(), "");
}

TEST_F(StorectlTest, Stores_Allocated_IsRefusedRatherThanNone) {
  for (const char* word : {"allocated", "ALLOCATED"}) {
    EXPECT_EQ(Run({"stores", "--state", word}), 2);
    EXPECT_THAT(err_, HasSubstr("an upload under way has no token yet"));
  }
  EXPECT_EQ(Run({"stores", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("enqueued|running"));
  EXPECT_THAT(out_, Not(HasSubstr("allocated")));
}

TEST_F(StorectlTest, ProductsAdd_IsNotRepeatedWhenTheAnswerIsLost) {
  server_.on_create_product = [](const std::string&, v1::Product&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going down");
  };
  EXPECT_EQ(Run({"products", "add", "p"}), 3);
  EXPECT_EQ(server_.calls("CreateProduct"), 1);
}

TEST_F(StorectlTest, Runs_Table_HasTheNumbers) {
  server_.on_list_runs = [](const v1::ListRunsRequest& request, v1::ListRunsResponse& response) {
    EXPECT_EQ(request.product(), "p");
    v1::Run& run = *response.add_runs();
    run.set_name("nightly");
    run.set_open_reports(12);
    run.set_reports(34);
    run.set_store_count(5);
    run.set_analyzed_files(120);
    run.set_failed_files(2);
    run.add_analyzers("clangsa 14.0.6");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"runs", "--product", "p"}), 0);
  EXPECT_THAT(
      out_, MatchesRegex("(.|\n)*nightly +12 +34 +5 +2 of 120 +- +- +- +clangsa 14.0.6\n(.|\n)*"));
}

void AddReport(v1::ListReportsResponse& response, const std::string& message) {
  v1::Report& report = *response.add_reports();
  report.set_severity(v1::SEVERITY_HIGH);
  report.set_checker_name("core.NullDereference");
  report.set_file_path("src/a.c");
  report.set_line(12);
  report.set_column(3);
  report.set_detection_status(v1::DETECTION_STATUS_NEW);
  report.set_message(message);
}

TEST_F(StorectlTest, Reports_Filters_ReachTheServer) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    EXPECT_EQ(request.run_name(), "nightly");
    EXPECT_THAT(request.checker_names(), ElementsAre("core.*", "unix.*"));
    EXPECT_THAT(request.file_paths(), ElementsAre("src/*"));
    EXPECT_THAT(request.severities(), ElementsAre(v1::SEVERITY_HIGH));
    EXPECT_THAT(request.detection_statuses(), ElementsAre(v1::DETECTION_STATUS_NEW));
    EXPECT_THAT(request.review_statuses(), ElementsAre(v1::REVIEW_STATUS_FALSE_POSITIVE));
    EXPECT_TRUE(request.include_bug_path());
    AddReport(response, "null\x1b[2J");
    response.mutable_reports(0)->mutable_bug_path()->add_events()->set_message("taken");
    return grpc::Status::OK;
  };
  EXPECT_EQ(
      Run({"reports", "--checker", "core.*", "--checker", "unix.*", "--file", "src/*", "--severity",
           "high", "--status", "new", "--review", "false-positive", "--bug-path", "nightly"}),
      0)
      << err_;
  EXPECT_THAT(out_, HasSubstr("high      core.NullDereference  src/a.c:12:3  new"));
  EXPECT_THAT(out_, HasSubstr("null\\x1b[2J\n"));
  EXPECT_THAT(out_, HasSubstr("step 1"));
}

TEST_F(StorectlTest, Reports_FiltersOfWhatHasNoFile_ReachTheServer) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    EXPECT_THAT(request.logical_locations(), ElementsAre("pkg::*", "image"));
    EXPECT_TRUE(request.without_file());
    EXPECT_THAT(request.analyzer_names(), ElementsAre("unknown"));
    EXPECT_THAT(request.severities(), ElementsAre(v1::SEVERITY_UNSPECIFIED));
    AddReport(response, "found");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--logical-location", "pkg::*", "--logical-location",
                 "image", "--no-file", "--analyzer", "unknown", "--severity", "unspecified"}),
            0)
      << err_;
  EXPECT_EQ(err_, "");
}

TEST_F(StorectlTest, Reports_NothingMatches_SaysSo) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse&) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--severity", "high"}), 0);
  EXPECT_EQ(err_, "no report of run nightly matches\n");
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(StorectlTest, Reports_NoFile_ShownByWhatTheyAreAbout) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse& response) {
    AddReport(response, "about an image");
    response.mutable_reports(0)->set_file_path("");
    response.mutable_reports(0)->set_line(0);
    response.mutable_reports(0)->set_column(0);
    response.mutable_reports(0)->set_logical_location("image:\x1b[2J");
    AddReport(response, "in a function");
    response.mutable_reports(1)->set_logical_location("pkg::main");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("core.NullDereference  image:\\x1b[2J  new"));
  EXPECT_THAT(out_, HasSubstr("core.NullDereference  src/a.c:12:3   new"));
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"filePath\":\"\""));
  const auto all = OutAs<v1::ListReportsResponse>();
  ASSERT_EQ(all.reports_size(), 2);
  EXPECT_EQ(all.reports(0).logical_location(), "image:\x1b[2J");
  EXPECT_EQ(all.reports(1).logical_location(), "pkg::main");
}

TEST_F(StorectlTest, Reports_BugPath_EveryPathNoteAndMacro) {
  server_.on_list_reports = [](const v1::ListReportsRequest&, v1::ListReportsResponse& response) {
    AddReport(response, "null");
    response.mutable_reports(0)->set_review_status(v1::REVIEW_STATUS_UNREVIEWED);
    v1::BugPath& path = *response.mutable_reports(0)->mutable_bug_path();
    const auto fill = [](v1::BugPathEvent& event, int line, const std::string& message) {
      if (line > 0) event.set_file_path("src/b.c");
      event.set_line(line);
      event.set_message(message);
    };
    fill(*path.add_events(), 1, "called");
    fill(*path.add_events(), 0, "in the runtime\n");
    v1::BugPathSteps& second = *path.add_further_paths();
    fill(*second.add_events(), 2, "called elsewhere");
    v1::BugPathSteps& third = *path.add_further_paths();
    fill(*third.add_events(), 3, "read");
    fill(*third.add_events(), 4, "");
    fill(*path.add_notes(), 7, "declared here");
    v1::MacroExpansion& macro = *path.add_macro_expansions();
    macro.set_file_path("src/m.h");
    macro.set_line(5);
    macro.set_column(6);
    macro.set_name("MAX");
    macro.set_expansion("((a) > (b))\x1b");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "--bug-path"}), 0) << err_;
  EXPECT_EQ(out_,
            "SEVERITY  CHECKER               LOCATION      STATUS  REVIEW      MESSAGE\n"
            "high      core.NullDereference  src/a.c:12:3  new     unreviewed  null\n"
            "-           path 1 of 3         -             -       -           2 steps\n"
            "-             step 1            src/b.c:1     -       -           called\n"
            "-             step 2            -             -       -           in the runtime\\n\n"
            "-           path 2 of 3         -             -       -           1 step\n"
            "-             step 1            src/b.c:2     -       -           called elsewhere\n"
            "-           path 3 of 3         -             -       -           2 steps\n"
            "-             step 1            src/b.c:3     -       -           read\n"
            "-             step 2            src/b.c:4     -       -           -\n"
            "-           note                src/b.c:7     -       -           declared here\n"
            "-           macro               src/m.h:5:6   -       -           MAX expands to ((a) "
            "> (b))\\x1b\n");
}

TEST_F(StorectlTest, Reports_StoredIntoMeanwhile_ReadsAgainFromTheStart) {
  server_.on_list_reports = [n = 0](const v1::ListReportsRequest& request,
                                    v1::ListReportsResponse& response) mutable {
    ++n;
    if (n == 2) return grpc::Status(grpc::StatusCode::ABORTED, "the run was stored into");
    AddReport(response, "report " + std::to_string(n));
    if (request.page_token().empty()) response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly", "-o", "json"}), 0) << err_;
  const auto all = OutAs<v1::ListReportsResponse>();
  ASSERT_EQ(all.reports_size(), 2);
  EXPECT_EQ(all.reports(0).message(), "report 3");
}

TEST_F(StorectlTest, Reports_StoredIntoAfterAPageWasPrinted_EndsWithThree) {
  server_.on_list_reports = [](const v1::ListReportsRequest& request,
                               v1::ListReportsResponse& response) {
    if (!request.page_token().empty()) {
      return grpc::Status(grpc::StatusCode::ABORTED, "the run was stored into");
    }
    AddReport(response, "report");
    response.set_next_page_token("2");
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"reports", "nightly"}), 3);
  EXPECT_EQ(server_.calls("ListReports"), 2);
}

TEST_F(StorectlTest, Usage_Wrong_EndsWithTwoAndOneLine) {
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
  EXPECT_THAT(err_, HasSubstr("bogus"));
}

TEST_F(StorectlTest, Help_EveryCommand_ListsTheExitCodes) {
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
