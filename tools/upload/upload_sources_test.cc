// Tests of the files that `storectl upload` reads on this machine and of their data that it sends.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "client/testing/fake_clock.h"
#include "client/testing/fake_server.h"
#include "reports/bundle/bundle_reader.h"
#include "reports/testing/test_files.h"
#include "tools/commands/command_line.h"
#include "tools/testing/bundle_contents.h"

namespace stored::tools {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

std::string Sarif(const std::string& uri) {
  return R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"r",)"
         R"("message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":")" +
         uri + R"("},"region":{"startLine":1}}}]}]}]})";
}

std::string Plist(const std::string& file) {
  return "<?xml version=\"1.0\"?><plist><dict><key>files</key><array><string>" + file +
         "</string></array><key>diagnostics</key><array><dict><key>check_name</key>"
         "<string>c</string><key>description</key><string>m</string><key>location</key><dict>"
         "<key>file</key><integer>0</integer><key>line</key><integer>1</integer><key>col</key>"
         "<integer>1</integer></dict></dict></array></dict></plist>";
}

class UploadSourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.on_find_missing = [this](const v1::FindMissingSourcesRequest& request,
                                     v1::FindMissingSourcesResponse& response) {
      asked_.insert(request.sha256().begin(), request.sha256().end());
      *response.mutable_sha256() = request.sha256();
      return grpc::Status::OK;
    };
    server_.accepted_status.set_state(v1::STORE_STATE_COMPLETED);
  }

  // Uploads and keeps standard error, the requested digests and the bundle. Returns the exit code.
  int Upload(std::vector<std::string> arguments, bool quiet = false) {
    const std::string id = "upload-" + std::to_string(++uploads_);
    arguments.insert(arguments.begin(), "upload");
    arguments.insert(arguments.end(), {"--name", "n", "--no-block", "--upload-id", id});
    if (quiet) arguments.emplace_back("-q");
    std::ostringstream out;
    std::ostringstream err;
    Output output(out, err, 0);
    asked_.clear();
    got_ = BundleContents();
    const int code = RunStorectl(std::move(arguments), server_.address(), output, clock_, nullptr);
    err_ = err.str();
    if (code != 0) return code;
    dir_.Write("bundle", server_.upload(id).bytes);
    EXPECT_TRUE(reports::BundleReader(dir_.Path("bundle"), {}).ReadInto(got_).ok());
    return code;
  }

  // The server received the report, but neither the text nor its digest.
  void ExpectNothingOf(const std::string& text) const {
    EXPECT_THAT(asked_, IsEmpty());
    EXPECT_THAT(got_.contents, IsEmpty());
    EXPECT_THAT(got_.reports, SizeIs(1));
    for (const reports::SourceFile& file : got_.files) EXPECT_EQ(file.sha256, "") << file.path;
    EXPECT_THAT(err_, Not(HasSubstr(Sha256::Of(text).Hex())));
  }
  void ExpectText(const std::string& text) const {
    EXPECT_THAT(asked_, ElementsAre(Sha256::Of(text).Hex()));
    EXPECT_THAT(got_.contents, ElementsAre(Sha256::Of(text).Raw()));
    EXPECT_THAT(got_.reports, SizeIs(1));
  }
  // Returns the directory in the only "--source-root DIR" of the warning.
  std::string AdvisedRoot() const {
    const std::string option = "--source-root ";
    const size_t at = err_.find(option);
    if (at == std::string::npos) return "no advice: " + err_;
    const size_t begin = at + option.size();
    return err_.substr(begin, err_.find(": ", begin) - begin);
  }
  void SetTime(const std::string& path, int64_t seconds) const {
    const struct timespec times[2] = {{0, UTIME_OMIT}, {seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
  }

  const std::string key_ = "the private key\n";
  reports::TestDirectory dir_;
  client::FakeServer server_;
  client::FakeClock clock_;
  int uploads_ = 0;
  std::set<std::string> asked_;
  BundleContents got_;
  std::string err_;
};

TEST_F(UploadSourcesTest, ArchiveNamesALocalFile_FileIsNotSent) {
  const std::string key = dir_.Write("home/.ssh/id_rsa", key_);
  for (const auto& [name, text] :
       {std::pair("a.plist", Plist(key)), std::pair("a.sarif", Sarif("file://" + key))}) {
    const std::string archive = dir_.Path("downloads.zip");
    reports::WriteArchive(archive, {{name, text}}, reports::AsZip);
    ASSERT_EQ(Upload({archive}), 0) << err_;
    ExpectNothingOf(key_);
    EXPECT_THAT(err_, HasSubstr(key));
    const std::string root = AdvisedRoot();
    EXPECT_EQ(root, fs::canonical(dir_.Path("home/.ssh")).string());
    ASSERT_EQ(Upload({archive, "--source-root", root}), 0) << err_;
    ExpectText(key_);
    EXPECT_THAT(err_, Not(HasSubstr("--source-root")));
  }
}

TEST_F(UploadSourcesTest, DirectoryOrLogNamesALocalFile_FileIsNotSent) {
  const std::string key = dir_.Write("home/.ssh/id_rsa", key_);
  dir_.Write("plists/a.plist", Plist(key));
  dir_.Write("climbs/a.plist", Plist("../home/.ssh/id_rsa"));
  dir_.Write("links/a.plist", Plist("innocent.c"));
  fs::create_symlink(key, dir_.Path("links/innocent.c"));
  dir_.Write("logs/log.sarif", Sarif("file://" + key));
  for (const char* input :
       {"plists", "plists/a.plist", "climbs", "climbs/a.plist", "links", "logs/log.sarif"}) {
    SCOPED_TRACE(input);
    ASSERT_EQ(Upload({dir_.Path(input)}), 0) << err_;
    ExpectNothingOf(key_);
    EXPECT_EQ(AdvisedRoot(), fs::canonical(dir_.Path("home/.ssh")).string());
  }
}

TEST_F(UploadSourcesTest, SourcesBelowTheGivenPaths_AreSent) {
  const std::string text = "int a;\n";
  const std::string source = dir_.Write("project/src/a.c", text);
  dir_.Write("project/reports/a.plist", Plist(source));
  const std::string log = dir_.Write("project/log.sarif", Sarif("src/a.c"));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{dir_.Path("project")},
                                             {dir_.Path("project/")},
                                             {log},
                                             {dir_.Path("project/reports/../log.sarif")},
                                             {dir_.Path("project/reports"), log}}) {
    SCOPED_TRACE(arguments.front());
    ASSERT_EQ(Upload(arguments), 0) << err_;
    EXPECT_THAT(got_.contents, ElementsAre(Sha256::Of(text).Raw()));
    EXPECT_THAT(err_, Not(HasSubstr("--source-root")));
  }
}

TEST_F(UploadSourcesTest, ManyLeftOut_OneWarningWithTheirCommonDirectory) {
  std::string files;
  for (int i = 0; i < 20; ++i) {
    const std::string file =
        dir_.Write("it's/src " + std::to_string(i % 2) + "/" + std::to_string(i) + ".c", "int a;");
    dir_.Write("reports/" + std::to_string(i) + ".plist", Plist(file));
  }
  ASSERT_EQ(Upload({dir_.Path("reports")}), 0) << err_;
  const std::string root = fs::canonical(dir_.Path()).string() + "/it'\\''s";
  EXPECT_THAT(err_, HasSubstr("20 source files outside"));
  EXPECT_THAT(err_, HasSubstr("--source-root '" + root + "': "));
  EXPECT_THAT(err_, HasSubstr(" and 17 more\n"));
  EXPECT_EQ(err_.find("--source-root"), err_.rfind("--source-root"));
  EXPECT_THAT(got_.warnings, SizeIs(2));  // The other warns about missing metadata.
}

TEST_F(UploadSourcesTest, SourceRootIsNotADirectory_IsWrongUse) {
  dir_.Write("reports/a.plist", Plist("/x.c"));
  const std::string file = dir_.Write("file", "");
  for (const std::string& root : {dir_.Path("not-there"), file, std::string()}) {
    EXPECT_EQ(Upload({dir_.Path("reports"), "--source-root", root}, /*quiet=*/true), 2);
    EXPECT_THAT(err_, MatchesRegex("storectl: upload: --source-root: .*\n|"
                                   "storectl: --source-root(:| is empty:) .*\n"));
    EXPECT_EQ(server_.upload_count(), 0U);
  }
}

TEST_F(UploadSourcesTest, SourceNewerThanItsResultFile_WarnedOrRefused) {
  const std::string source = dir_.Write("p/a.c", "int a;\n");
  const std::string plist = dir_.Write("p/a.plist", Plist("a.c"));
  SetTime(source, 1'700'000'000);
  SetTime(plist, 1'700'000'000);
  ASSERT_EQ(Upload({dir_.Path("p"), "--refuse-changed-sources"}), 0) << err_;
  EXPECT_THAT(err_, Not(HasSubstr("changed after")));

  SetTime(source, 1'700'000'001);
  ASSERT_EQ(Upload({dir_.Path("p")}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("warning: 1 source file changed after"));
  EXPECT_THAT(err_, HasSubstr(source.substr(source.rfind('/') + 1)));
  EXPECT_THAT(got_.contents, SizeIs(1));
  const size_t before = server_.upload_count();
  EXPECT_EQ(Upload({dir_.Path("p"), "--refuse-changed-sources"}, /*quiet=*/true), 2);
  EXPECT_THAT(err_,
              MatchesRegex("storectl: upload: 1 source file changed after [^\n]*a\\.plist[^\n]*"
                           "nothing was stored[^\n]*\n"));
  EXPECT_EQ(server_.upload_count(), before);
}

TEST_F(UploadSourcesTest, ManyNewerSources_OneWarning) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i);
    SetTime(dir_.Write("p/" + name + ".plist", Plist(name + ".c")), 1'700'000'000);
    dir_.Write("p/" + name + ".c", "int a;");
  }
  ASSERT_EQ(Upload({dir_.Path("p")}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("20 source files changed after"));
  EXPECT_EQ(err_.find("changed after"), err_.rfind("changed after"));
}

TEST_F(UploadSourcesTest, ArchivedSourceNewerThanItsResultFile_UsesTheArchivesTimes) {
  reports::Member plist{"reports/1/a.plist", Plist("/src/a.c")};
  reports::Member source{"root/src/a.c", "int a;"};
  const std::string archive = dir_.Path("up.zip");
  plist.modified = 1'700'000'000;
  source.modified = 1'600'000'000;
  reports::WriteArchive(archive, {source, plist}, reports::AsZip);
  EXPECT_EQ(Upload({archive, "--refuse-changed-sources"}), 0) << err_;
  source.modified = 1'700'000'100;
  reports::WriteArchive(archive, {source, plist}, reports::AsZip);
  EXPECT_EQ(Upload({archive, "--refuse-changed-sources"}), 2);
  EXPECT_EQ(Upload({archive}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("changed after"));
}

}  // namespace
}  // namespace stored::tools
