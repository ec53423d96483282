// Tests of `storectl upload` against a server whose responses the test sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/files/file_system.h"
#include "tools/testing/storectl_fixture.h"

namespace stored::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

using UploadTest = StorectlTest;

TEST_F(UploadTest, Upload_SarifLog_ArrivesAndItsOutcomeIsPrinted) {
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

  const BundleContents bundle = Bundle("upload-1");
  EXPECT_THAT(bundle.Messages(), ElementsAre("x is never used", "y is never used"));
  EXPECT_THAT(bundle.content_sizes, ElementsAre(kSource.size()));
}

TEST_F(UploadTest, Upload_ServerHasTheSource_SourceIsNotSent) {
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest&,
                               v1::FindMissingSourcesResponse&) { return grpc::Status::OK; };
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--upload-id", "upload-1"}), 0);
  EXPECT_THAT(err_, HasSubstr("the server has 1 of 1 source"));
  EXPECT_TRUE(Bundle("upload-1").content_sizes.empty());
}

TEST_F(UploadTest, Upload_SeveralPrefixes_TakeOneValueEach) {
  ASSERT_EQ(
      Run({"upload", "--trim-path-prefix", "/nowhere", "--trim-path-prefix", directory_->path(),
           Path("results.sarif"), "--name", "n", "--upload-id", "upload-1"}),
      0)
      << err_;
  EXPECT_THAT(Bundle("upload-1").Paths(), ElementsAre("a.c"));
}

TEST_F(UploadTest, Upload_NoBlock_PrintsTheTokenAlone) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--no-block", "--upload-id",
                 "upload-1"}),
            0);
  EXPECT_EQ(out_, "token-of-upload-1\n");
  EXPECT_EQ(server_.calls("GetStatus"), 0);
}

TEST_F(UploadTest, Upload_NoBlockJson_PrintsTheStatus) {
  EXPECT_EQ(Run({"-o", "json", "upload", Path("results.sarif"), "--name", "n", "--no-block",
                 "--upload-id", "upload-1"}),
            0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().token(), "token-of-upload-1");
}

TEST_F(UploadTest, Upload_Json_PrintsOneStatusWithZeroFields) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "-o", "json"}), 0);
  EXPECT_EQ(OutAs<v1::StoreStatus>().result().new_reports(), 2);
  EXPECT_THAT(out_, HasSubstr("\"resolvedReports\":0"));
}

TEST_F(UploadTest, Upload_UploadIdAcceptedBefore_PrintsItsToken) {
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "nightly", "--upload-id", "upload-1"}),
            0);
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "nightly", "--upload-id", "upload-1",
                 "--no-block"}),
            0)
      << err_;
  EXPECT_EQ(out_, "token-of-upload-1\n");
  EXPECT_EQ(server_.calls("Upload"), 1);
}

TEST_F(UploadTest, Upload_UploadIdOfAnotherRun_IsRefused) {
  ASSERT_EQ(Run({"upload", Path("results.sarif"), "--name", "a", "--upload-id", "upload-1"}), 0);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "b", "--upload-id", "upload-1"}), 3);
  EXPECT_THAT(err_, HasSubstr("was used for run a"));
}

TEST_F(UploadTest, Upload_NoName_IsWrongUse) {
  EXPECT_EQ(Run({"upload", Path("results.sarif")}), 2);
  EXPECT_THAT(err_, HasSubstr("--name"));
  EXPECT_EQ(server_.upload_count(), 0u);
}

TEST_F(UploadTest, Upload_NameInMetadata_IsUsed) {
  ASSERT_TRUE(CreateDirectories(Path("reports")).ok());
  Write("reports/results.sarif", kSarif);
  Write("reports/metadata.json",
        R"({"version": 2, "tools": [{"name": "codechecker", "run_name": "from-metadata"}]})");
  EXPECT_EQ(Run({"upload", Path("reports"), "--upload-id", "upload-1"}), 0) << err_;
  EXPECT_EQ(server_.upload("upload-1").header.run_name(), "from-metadata");
}

TEST_F(UploadTest, Upload_SeveralNamesInMetadata_IsWrongUseUntilOneIsGiven) {
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
  // The directory above both has the same two names.
  EXPECT_EQ(Run({"upload", directory_->path()}), 2);
  EXPECT_EQ(Run({"upload", Path("one"), Path("two"), "--name", "both", "--upload-id", "upload-1"}),
            0)
      << err_;
  EXPECT_EQ(server_.upload("upload-1").header.run_name(), "both");
  // The same name in both is not ambiguous.
  Write("two/metadata.json", R"({"tools": [{"name": "t", "run_name": "project-one"}]})");
  EXPECT_EQ(Run({"upload", Path("one"), Path("two"), "--upload-id", "upload-2"}), 0) << err_;
  EXPECT_EQ(server_.upload("upload-2").header.run_name(), "project-one");
}

TEST_F(UploadTest, Upload_InvalidMetadataAndSkipFile_WarnsAndStores) {
  ASSERT_TRUE(CreateDirectories(Path("reports")).ok());
  Write("reports/results.sarif", kSarif);
  Write("reports/metadata.json", "");
  Write("reports/skip_file", "oops\n");
  EXPECT_EQ(Run({"upload", Path("reports"), "--name", "n"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("warning: " + Path("reports/metadata.json") + ": it is empty"));
  EXPECT_THAT(err_, HasSubstr("warning: " + Path("reports/skip_file") + ": line 1 is left out"));
  EXPECT_EQ(server_.upload_count(), 1u);
}

TEST_F(UploadTest, Upload_BadFileAmongGood_NamesItAndStoresNothing) {
  Write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [");
  EXPECT_EQ(Run({"upload", directory_->path(), "--name", "n"}), 2);
  EXPECT_THAT(err_, HasSubstr("bad.sarif"));
  EXPECT_THAT(err_, HasSubstr("--skip-bad-files"));
  EXPECT_EQ(server_.upload_count(), 0u);
}

TEST_F(UploadTest, Upload_SkipBadFiles_StoresTheRestWithAWarning) {
  Write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [");
  EXPECT_EQ(Run({"upload", directory_->path(), "--name", "n", "--skip-bad-files"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("storectl: warning: "));
  EXPECT_THAT(err_, HasSubstr("bad.sarif"));
  EXPECT_EQ(server_.upload_count(), 1u);
}

TEST_F(UploadTest, Upload_WarningsOfTheServer_ArePrintedOnce) {
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

TEST_F(UploadTest, Upload_NoSuchPath_FailsBeforeTheFirstCall) {
  EXPECT_EQ(Run({"upload", Path("nothing"), "--name", "n"}), 2);
  EXPECT_THAT(err_, HasSubstr("nothing: no such file or directory"));
  EXPECT_EQ(server_.calls("FindMissingSources"), 0);
}

TEST_F(UploadTest, Upload_ControlCharacterInName_IsWrongUse) {
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "a\nb"}), 2);
  EXPECT_THAT(err_, HasSubstr("--name has a control character"));
}

TEST_F(UploadTest, Upload_UnknownProduct_FailsBeforeParsing) {
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest& request,
                               v1::FindMissingSourcesResponse&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no product '" + request.product() + "'");
  };
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--product", "p"}), 3);
  EXPECT_THAT(err_, HasSubstr("no product 'p'"));
  EXPECT_THAT(err_, Not(HasSubstr("found ")));
}

TEST_F(UploadTest, Upload_ConnectionRefused_EndsWithThreeInBoundedTime) {
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

  // With --timeout, the time limit ends the command, and not later than it allows.
  const absl::Duration limited = clock_.Monotonic();
  EXPECT_EQ(
      Run({"upload", Path("results.sarif"), "--name", "n", "--server", address, "--timeout", "3s"}),
      4);
  EXPECT_LE(clock_.Monotonic() - limited, absl::Seconds(4));
  EXPECT_THAT(err_, HasSubstr("not done within 3s"));
}

TEST_F(UploadTest, Upload_StoreFails_EndsWithOneAndTheError) {
  SetState(v1::STORE_STATE_FAILED);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n"}), 1);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("storectl: FAILED store"));
  EXPECT_THAT(err_, HasSubstr("x.plist: not XML"));
}

TEST_F(UploadTest, Upload_TimeRunsOut_EndsWithFourAndPrintsTheWaitCommand) {
  SetState(v1::STORE_STATE_RUNNING);
  EXPECT_EQ(Run({"upload", Path("results.sarif"), "--name", "n", "--timeout", "30s", "--upload-id",
                 "upload-1", "-o", "json"}),
            4);
  EXPECT_THAT(err_, HasSubstr("storectl wait token-of-upload-1 --server " + server_.address()));
  EXPECT_EQ(OutAs<v1::StoreStatus>().state(), v1::STORE_STATE_RUNNING);
}

}  // namespace
}  // namespace stored::tools
