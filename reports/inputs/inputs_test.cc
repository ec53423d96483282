#include "reports/inputs/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "reports/testing/test_files.h"

namespace stored::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPlist[] = "<?xml version=\"1.0\"?><plist/>";
constexpr char kSarif[] = "{\"version\": \"2.1.0\", \"runs\": []}";
constexpr char kMetadata[] =
    R"({"version": 2, "tools": [{"name": "codechecker", "run_name": "nightly", "analyzers":
        {"clangsa": {"checkers": {"core.DivideZero": true}},
         "clang-tidy": {"checkers": {"bugprone-a": false}}}}]})";

class InputsTest : public testing::Test {
 protected:
  Inputs Find(const std::vector<std::string>& paths) {
    absl::StatusOr<Inputs> inputs = FindInputs(paths, options_);
    EXPECT_TRUE(inputs.ok()) << inputs.status();
    return inputs.ok() ? *std::move(inputs) : Inputs();
  }
  void ExpectError(const std::string& path, absl::StatusCode code, const std::string& part) {
    const absl::Status status = FindInputs({path}, options_).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message().data(), status.message().size()), HasSubstr(part));
  }
  // Returns the names relative to the test's directory.
  std::vector<std::string> Names(const Inputs& inputs) const {
    std::vector<std::string> names;
    for (const InputFile& file : inputs.files) {
      names.push_back(file.name.starts_with(dir_.Path()) ? file.name.substr(dir_.Path().size() + 1)
                                                         : file.name);
    }
    return names;
  }

  static std::vector<std::string> RunNames(const Inputs& inputs) {
    std::vector<std::string> names;
    for (const NamedRun& run : inputs.run_names) names.push_back(run.name);
    return names;
  }

  TestDirectory dir_;
  InputOptions options_;
};

TEST_F(InputsTest, ReportDirectory_WalkedInOrderOfNames) {
  dir_.Write("r/b.plist", kPlist);
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/sub/c.sarif", kSarif);
  dir_.Write("r/sub/d.sarif.json.gz", "");
  dir_.Write("r/asub/e.plist.zst", "");
  dir_.Write("r/compile_cmd.json", "[]");
  dir_.Write("r/failed/x.zip", "");
  dir_.Write("r/fixit/f.yaml", "");
  dir_.Write("r/metadata.json", kMetadata);
  const Inputs inputs = Find({dir_.Path("r")});
  EXPECT_THAT(Names(inputs), ElementsAre("r/a.plist", "r/b.plist", "r/asub/e.plist.zst",
                                         "r/sub/c.sarif", "r/sub/d.sarif.json.gz"));
  EXPECT_EQ(inputs.files[0].format, InputFile::Format::kPlist);
  EXPECT_EQ(inputs.files[2].format, InputFile::Format::kPlist);
  EXPECT_EQ(inputs.files[3].format, InputFile::Format::kSarif);
  EXPECT_EQ(inputs.files[4].format, InputFile::Format::kSarif);
  EXPECT_EQ(inputs.files[3].directory, dir_.Path("r/sub"));
  EXPECT_THAT(inputs.warnings, IsEmpty());
  EXPECT_THAT(RunNames(inputs), ElementsAre("nightly"));
  ASSERT_EQ(inputs.analyses.size(), 1u);
  ASSERT_EQ(inputs.checker_analyzers.size(), 1u);
  EXPECT_EQ(inputs.checker_analyzers[0].at("core.DivideZero"), "clangsa");
  EXPECT_EQ(inputs.checker_analyzers[0].at("bugprone-a"), "clang-tidy");
  for (const InputFile& file : inputs.files) EXPECT_EQ(file.checker_analyzers, 0);
}

TEST_F(InputsTest, Names_AsTheUserTypedThem) {
  dir_.Write("r/a.plist", kPlist);
  const std::string relative =
      std::filesystem::path(dir_.Path("r")).lexically_relative(std::filesystem::current_path());
  const Inputs inputs = Find({relative + "/", relative + "/a.plist"});
  ASSERT_EQ(inputs.files.size(), 2u);
  for (const InputFile& file : inputs.files) {
    EXPECT_EQ(file.name, relative + "/a.plist");
    EXPECT_EQ(file.directory, dir_.Path("r"));
  }
}

TEST_F(InputsTest, LinkToDirectory_NotFollowed) {
  dir_.Write("r/a.plist", kPlist);
  std::filesystem::create_directory_symlink(dir_.Path("r"), dir_.Path("r/loop"));
  std::filesystem::create_symlink("a.plist", dir_.Path("r/b.plist"));
  EXPECT_THAT(Names(Find({dir_.Path("r")})), ElementsAre("r/a.plist", "r/b.plist"));
}

TEST_F(InputsTest, SingleFile_IsRecognizedByItsContent) {
  const std::string sarif = dir_.Write("results.json", kSarif);
  const std::string plist = dir_.Write("results.xml", kPlist);
  const std::string broken = dir_.Write("broken.plist", "bplist00");
  const Inputs inputs = Find({sarif, plist, broken});
  ASSERT_EQ(inputs.files.size(), 3u);
  EXPECT_EQ(inputs.files[0].format, InputFile::Format::kSarif);
  EXPECT_EQ(inputs.files[1].format, InputFile::Format::kPlist);
  EXPECT_EQ(inputs.files[2].format, InputFile::Format::kPlist);
  EXPECT_THAT(inputs.warnings, IsEmpty());
}

TEST_F(InputsTest, SingleFile_HasTheFilesBesideIt) {
  const std::string a = dir_.Write("r/a.plist", kPlist);
  const std::string b = dir_.Write("r/b.plist", kPlist);
  dir_.Write("r/metadata.json", kMetadata);
  dir_.Write("r/skip_file", "-/src/*\n");
  const Inputs inputs = Find({a, b});
  EXPECT_THAT(RunNames(inputs), ElementsAre("nightly"));
  EXPECT_EQ(inputs.analyses.size(), 1u);
  EXPECT_EQ(inputs.skip_files.size(), 1u);
  EXPECT_EQ(inputs.files[0].skip_file, 0);
  EXPECT_EQ(inputs.files[1].skip_file, 0);
}

TEST_F(InputsTest, SkipFile_NearestOneApplies) {
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/skip_file", "-/src/*\n");
  dir_.Write("r/sub/b.plist", kPlist);
  dir_.Write("r/own/c.plist", kPlist);
  dir_.Write("r/own/skip_file", "-/other/*\n");
  dir_.Write("s/d.plist", kPlist);
  const Inputs inputs = Find({dir_.Path("r"), dir_.Path("s")});
  ASSERT_THAT(Names(inputs),
              ElementsAre("r/a.plist", "r/own/c.plist", "r/sub/b.plist", "s/d.plist"));
  ASSERT_EQ(inputs.skip_files.size(), 2u);
  EXPECT_TRUE(inputs.skip_files[inputs.files[0].skip_file].ShouldSkip("/src/x.cc"));
  EXPECT_TRUE(inputs.skip_files[inputs.files[1].skip_file].ShouldSkip("/other/x.cc"));
  EXPECT_FALSE(inputs.skip_files[inputs.files[1].skip_file].ShouldSkip("/src/x.cc"));
  EXPECT_TRUE(inputs.skip_files[inputs.files[2].skip_file].ShouldSkip("/src/x.cc"));
  EXPECT_EQ(inputs.files[3].skip_file, -1);
}

TEST_F(InputsTest, PlistsWithoutMetadata_OneWarningEach) {
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/sub/b.plist", kPlist);
  dir_.Write("s/c.sarif", kSarif);
  EXPECT_THAT(Find({dir_.Path("r"), dir_.Path("s")}).warnings,
              ElementsAre(HasSubstr("/r: no metadata.json")));
}

TEST_F(InputsTest, NoResultFiles_AreFineWithMetadata) {
  dir_.Write("r/metadata.json", kMetadata);
  const Inputs inputs = Find({dir_.Path("r")});
  EXPECT_THAT(inputs.files, IsEmpty());
  EXPECT_THAT(inputs.warnings, ElementsAre(HasSubstr("no result files")));
}

TEST_F(InputsTest, NothingToRead_Refused) {
  dir_.Write("r/readme.txt", "");
  ExpectError(dir_.Path("r"), absl::StatusCode::kInvalidArgument, "/r: nothing to read");
  ExpectError(dir_.Path("missing"), absl::StatusCode::kNotFound, "/missing: ");
  ExpectError(dir_.Write("x.txt", "hello"), absl::StatusCode::kInvalidArgument,
              "x.txt: neither a plist, nor a SARIF log, nor a zip or tar archive");
  ASSERT_EQ(::mkfifo(dir_.Path("fifo").c_str(), 0600), 0);
  ExpectError(dir_.Path("fifo"), absl::StatusCode::kInvalidArgument, "fifo: neither a file nor");
}

TEST_F(InputsTest, MalformedMetadataOrSkipFile_WarningsAndTheResultsAreRead) {
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/metadata.json", "not JSON");
  dir_.Write("e/a.plist", kPlist);
  dir_.Write("e/metadata.json", "");
  dir_.Write("s/a.plist", kPlist);
  dir_.Write("s/metadata.json", kMetadata);
  dir_.Write("s/skip_file", "nonsense\n-/src/*\n");
  const Inputs inputs = Find({dir_.Path("e"), dir_.Path("r"), dir_.Path("s")});
  EXPECT_THAT(Names(inputs), ElementsAre("e/a.plist", "r/a.plist", "s/a.plist"));
  EXPECT_THAT(inputs.warnings, ElementsAre(HasSubstr("e/metadata.json: it is empty"),
                                           HasSubstr("r/metadata.json: not JSON"),
                                           HasSubstr("s/skip_file: line 1")));
  EXPECT_TRUE(inputs.skip_files[0].ShouldSkip("/src/x.cc"));
}

TEST_F(InputsTest, MetadataTooLarge_IsAWarning) {
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/metadata.json", kMetadata);
  options_.limits.max_result_file_bytes = 100;
  EXPECT_THAT(Find({dir_.Path("r")}).warnings, ElementsAre(HasSubstr("r/metadata.json: ")));
}

// An analysis that found nothing resolves all earlier reports, so its metadata must be readable.
TEST_F(InputsTest, MalformedMetadataWithoutResultFiles_Refused) {
  dir_.Write("r/metadata.json", "");
  ExpectError(dir_.Path("r"), absl::StatusCode::kInvalidArgument, "/r: nothing to read");
}

TEST_F(InputsTest, CheckerOfTwoAnalyzers_EachDirectoryHasItsOwn) {
  const auto metadata = [](const std::string& tool) {
    return R"({"version": 2, "tools": [{"name": ")" + tool + R"(", "checkers": {"x": true}}]})";
  };
  dir_.Write("1/a.plist", kPlist);
  dir_.Write("1/metadata.json", metadata("cppcheck"));
  dir_.Write("1/sub/b.plist", kPlist);
  dir_.Write("2/c.plist", kPlist);
  dir_.Write("2/metadata.json", metadata("infer"));
  dir_.Write("3/d.plist", kPlist);
  const Inputs inputs = Find({dir_.Path("1"), dir_.Path("2"), dir_.Path("3")});
  ASSERT_EQ(inputs.files.size(), 4u);
  const auto analyzer = [&](size_t file) {
    return inputs.checker_analyzers[inputs.files[file].checker_analyzers].at("x");
  };
  EXPECT_EQ(analyzer(0), "cppcheck");
  EXPECT_EQ(analyzer(1), "cppcheck");
  EXPECT_EQ(analyzer(2), "infer");
  EXPECT_EQ(inputs.files[3].checker_analyzers, -1);
}

TEST_F(InputsTest, RunNames_EachOnceWithItsMetadata) {
  for (const char* name : {"1", "2", "3"}) {
    const std::string directory = name;
    dir_.Write(directory + "/a.plist", kPlist);
    dir_.Write(directory + "/metadata.json", R"({"tools": [{"name": "t", "run_name": "run-)" +
                                                 std::string(directory == "3" ? "1" : name) +
                                                 R"("}]})");
  }
  const Inputs inputs = Find({dir_.Path("1"), dir_.Path("2"), dir_.Path("3")});
  EXPECT_THAT(RunNames(inputs), ElementsAre("run-1", "run-2"));
  EXPECT_THAT(inputs.run_names[1].metadata, HasSubstr("/2/metadata.json"));
}

TEST_F(InputsTest, FilesThatWereNotAnalysed_CountedOverAllMetadata) {
  const auto metadata = [](const std::string& statistics) {
    return R"({"version": 2, "tools": [{"name": "codechecker", "working_directory": "/w",
               "analyzers": {"clangsa": {"analyzer_statistics": )" +
           statistics + "}}}]}";
  };
  dir_.Write("1/metadata.json", metadata(R"({"successful": 1, "successful_sources": ["a.c"],
                                             "failed": 1, "failed_sources": ["/w/bad.c"]})"));
  dir_.Write("2/metadata.json", metadata(R"({"successful": 2, "failed": 1,
                                             "successful_sources": ["/w/a.c", "/w/b.c"],
                                             "failed_sources": ["bad.c"]})"));
  const Inputs inputs = Find({dir_.Path("1"), dir_.Path("2")});
  EXPECT_EQ(inputs.analyzed_files.failed(), 1u);
  EXPECT_EQ(inputs.analyzed_files.total(), 3u);
}

TEST_F(InputsTest, TooManyFiles_Refused) {
  for (const char* name : {"r/a", "r/b", "r/sub/c.plist"}) dir_.Write(name, "");
  options_.limits.max_entries = 4;
  EXPECT_THAT(Names(Find({dir_.Path("r")})), ElementsAre("r/sub/c.plist"));
  options_.limits.max_entries = 3;
  ExpectError(dir_.Path("r"), absl::StatusCode::kResourceExhausted, "more than 3 files");
}

class InputsOfArchiveTest : public InputsTest,
                            public testing::WithParamInterface<void (*)(struct archive*)> {};

TEST_P(InputsOfArchiveTest, SameAsTheDirectory_WithOrWithoutATopDirectory) {
  for (const std::string top : {"", "r/", "./"}) {
    const std::string path = dir_.Path("archive");
    WriteArchive(path,
                 {{top + "b.plist", kPlist},
                  {top + "metadata.json", kMetadata},
                  {top + "skip_file", "-/src/*\n"},
                  {top + "sub/a.plist", kPlist}},
                 GetParam());
    const Inputs inputs = Find({path});
    const std::string shown = top == "r/" ? "archive: r/" : "archive: ";
    EXPECT_THAT(Names(inputs), ElementsAre(shown + "b.plist", shown + "sub/a.plist"));
    EXPECT_THAT(RunNames(inputs), ElementsAre("nightly"));
    EXPECT_EQ(inputs.files[1].directory, "");
    EXPECT_EQ(inputs.files[1].skip_file, 0);
    EXPECT_EQ(*ReadFile(inputs.files[1].path, 100), kPlist);
    EXPECT_THAT(inputs.warnings, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, InputsOfArchiveTest,
                         testing::Values(AsZip, AsTar, AsTarGz, AsTarBz2, AsTarXz, AsTarZst));

std::vector<Member> CodeCheckerUpload() {
  return {{"reports/0a1b2c/u1-clangsa.plist", kPlist},
          {"reports/0a1b2c/metadata.json", kMetadata},
          {"reports/0a1b2c/skip_file", "-/skipped/*\n"},
          {"root/src/app/Info.plist", "a source, not a result"},
          {"root/src/app/main.c", "int main() {}"},
          {"content_hashes.json", "{}"}};
}

TEST_F(InputsTest, CodeCheckerUpload_ReportsAndTheirSources) {
  WriteArchive(dir_.Path("up.zip"), CodeCheckerUpload(), AsZip);
  const Inputs inputs = Find({dir_.Path("up.zip")});
  EXPECT_THAT(Names(inputs), ElementsAre("up.zip: reports/0a1b2c/u1-clangsa.plist"));
  EXPECT_EQ(inputs.files[0].skip_file, 0);
  EXPECT_THAT(RunNames(inputs), ElementsAre("nightly"));
  EXPECT_EQ(inputs.sources->Read("/src/app/main.c", "")->text, "int main() {}");
}

TEST_F(InputsTest, SourcesOfAnArchive_ArePreferredForItsResultFiles) {
  const std::string local = dir_.Write("src/main.c", "local");
  const std::string only_local = dir_.Write("src/other.c", "other");
  WriteArchive(dir_.Path("up.zip"), {{"reports/x/a.plist", kPlist}, {"root" + local, "uploaded"}},
               AsZip);
  options_.source_roots = {dir_.Path()};
  const Inputs inputs = Find({dir_.Path("up.zip")});
  EXPECT_EQ(inputs.sources->Read(local, "")->text, "uploaded");
  EXPECT_EQ(inputs.sources->Read(only_local, "")->text, "other");
  EXPECT_EQ(inputs.sources->Read(local, dir_.Path())->text, "local");
}

TEST_F(InputsTest, SourcesOfAnArchive_NoneFromTheDirectoryAroundIt) {
  const std::string secret = dir_.Write("downloads/secret", "secret");
  WriteArchive(dir_.Path("downloads/up.zip"), {{"a.plist", kPlist}}, AsZip);
  const Inputs inputs = Find({dir_.Path("downloads/up.zip")});
  EXPECT_TRUE(absl::IsPermissionDenied(inputs.sources->Read(secret, "").status()));
}

TEST_F(InputsTest, SourcesOfADirectory_OnlyBelowIt) {
  const std::string inside = dir_.Write("given/src/a.c", "inside");
  const std::string outside = dir_.Write("src/a.c", "outside");
  dir_.Write("given/reports/a.plist", kPlist);
  for (const char* given : {"given", "given/", "given/reports/.."}) {
    const Inputs inputs = Find({dir_.Path(given)});
    const std::string& directory = inputs.files.at(0).directory;
    EXPECT_EQ(inputs.sources->Read(inside, directory)->text, "inside") << given;
    EXPECT_EQ(inputs.sources->Read("../src/a.c", directory)->text, "inside") << given;
    EXPECT_TRUE(absl::IsPermissionDenied(inputs.sources->Read(outside, directory).status()));
    EXPECT_TRUE(
        absl::IsPermissionDenied(inputs.sources->Read("../../src/a.c", directory).status()));
  }
}

TEST_F(InputsTest, SourcesOfASingleFile_BelowItsDirectory) {
  const std::string inside = dir_.Write("given/src/a.c", "inside");
  const std::string outside = dir_.Write("src/a.c", "outside");
  for (const std::string& file :
       {dir_.Write("given/a.plist", kPlist), dir_.Write("given/log.json", kSarif)}) {
    const Inputs inputs = Find({file});
    EXPECT_EQ(inputs.sources->Read(inside, "")->text, "inside");
    EXPECT_EQ(inputs.sources->Read("src/a.c", inputs.files.at(0).directory)->text, "inside");
    EXPECT_TRUE(absl::IsPermissionDenied(inputs.sources->Read(outside, "").status()));
  }
}

TEST_F(InputsTest, SourcesOfStandardInput_NoneFromTheDirectoryOfItsCopy) {
  options_.standard_input = dir_.Write("scratch/stdin", kSarif);
  const std::string beside = dir_.Write("scratch/other", "other");
  const Inputs inputs = Find({options_.standard_input});
  EXPECT_TRUE(absl::IsPermissionDenied(inputs.sources->Read(beside, "").status()));
}

TEST_F(InputsTest, LinksBesideResultFiles_MustLeadToReadableDirectories) {
  dir_.Write("r/a.plist", kPlist);
  dir_.Write("r/shared/skip", "-/x/*\n");
  dir_.Write("elsewhere/secret", "the private key");
  for (const char* name : {"metadata.json", "skip_file", "review_status.yaml"}) {
    std::filesystem::create_symlink("../elsewhere/secret", dir_.Path("r") + "/" + name);
    for (const char* given : {"r", "r/a.plist"}) {
      ExpectError(dir_.Path(given), absl::StatusCode::kPermissionDenied,
                  std::string(name) + ": is a link to ");
    }
    std::filesystem::remove(dir_.Path("r") + "/" + name);
  }
  std::filesystem::create_symlink("shared/skip", dir_.Path("r/skip_file"));
  EXPECT_EQ(Find({dir_.Path("r")}).skip_files.size(), 1U);
  std::filesystem::remove(dir_.Path("r/skip_file"));
  dir_.Write("elsewhere/skip", "-/y/*\n");
  std::filesystem::create_symlink("../elsewhere/skip", dir_.Path("r/skip_file"));
  options_.source_roots = {dir_.Path("elsewhere")};
  EXPECT_EQ(Find({dir_.Path("r")}).skip_files.size(), 1U);
}

TEST_F(InputsTest, SourceRoots_AreReadToo) {
  const std::string source = dir_.Write("src/a.c", "int a;");
  dir_.Write("reports/a.plist", kPlist);
  options_.source_roots = {dir_.Path("src")};
  const Inputs inputs = Find({dir_.Path("reports")});
  EXPECT_EQ(inputs.sources->Read(source, "")->text, "int a;");
  // A relative path is searched for below them too.
  EXPECT_EQ(inputs.sources->Read("a.c", dir_.Path("reports"))->text, "int a;");
  options_.source_roots = {dir_.Path("not-there")};
  ExpectError(dir_.Path("reports"), absl::StatusCode::kInvalidArgument, "not-there");
}

TEST_F(InputsTest, ArchiveOnAServer_NoSourceFromItsDisk) {
  const std::string local = dir_.Write("src/main.c", "secret");
  WriteArchive(dir_.Path("spool"), {{"r/a.plist", kPlist}}, AsTarZst);
  absl::StatusOr<Inputs> plain = InputsOfArchive(dir_.Path("spool"), "the payload", options_);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_THAT(Names(*plain), ElementsAre("the payload: r/a.plist"));
  EXPECT_EQ(plain->sources->Read(local, "").status().code(), absl::StatusCode::kNotFound);

  WriteArchive(dir_.Path("spool"), CodeCheckerUpload(), AsZip);
  absl::StatusOr<Inputs> upload = InputsOfArchive(dir_.Path("spool"), "the payload", options_);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->sources->Read("/src/app/main.c", "")->text, "int main() {}");
  EXPECT_EQ(upload->sources->Read(local, "").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(InputsTest, ArchiveOnAServer_ErrorsDoNotNameItsDisk) {
  dir_.Write("spool", "no archive");
  const absl::Status bad = InputsOfArchive(dir_.Path("spool"), "the payload", options_).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  WriteArchive(dir_.Path("spool"),
               {{"r/metadata.json/x", ""}, {"r/skip_file/x", ""}, {"r/a.plist", kPlist}}, AsTar);
  const absl::StatusOr<Inputs> odd = InputsOfArchive(dir_.Path("spool"), "the payload", options_);
  ASSERT_TRUE(odd.ok()) << odd.status();
  ASSERT_EQ(odd->warnings.size(), 2u);
  for (const std::string& message :
       {std::string(bad.message()), odd->warnings[0], odd->warnings[1]}) {
    EXPECT_THAT(message, testing::StartsWith("the payload: "));
    EXPECT_THAT(message, testing::Not(HasSubstr("/tmp")));
  }
}

TEST_F(InputsTest, Unpacked_IsRemovedWithTheInputs) {
  WriteArchive(dir_.Path("a.zip"), {{"a.plist", kPlist}}, AsZip);
  ASSERT_TRUE(CreateDirectories(dir_.Path("work")).ok());
  options_.temporary_parent = dir_.Path("work");
  {
    const Inputs inputs = Find({dir_.Path("a.zip")});
    EXPECT_THAT(inputs.files[0].path, testing::StartsWith(dir_.Path("work")));
    EXPECT_FALSE(std::filesystem::is_empty(dir_.Path("work")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir_.Path("work")));
  // The files of a refused archive are removed too.
  WriteArchive(dir_.Path("a.zip"), {{"a.plist", kPlist}, {"../b", "x"}}, AsZip);
  ExpectError(dir_.Path("a.zip"), absl::StatusCode::kInvalidArgument, "member ../b");
  EXPECT_TRUE(std::filesystem::is_empty(dir_.Path("work")));
}

TEST_F(InputsTest, Payload_IsOneFileWithoutSources) {
  const std::string path = dir_.Write("spool", kSarif);
  absl::StatusOr<Inputs> inputs = InputsOfPayload(path, InputFile::Format::kSarif, "the payload");
  ASSERT_TRUE(inputs.ok());
  ASSERT_EQ(inputs->files.size(), 1u);
  EXPECT_EQ(inputs->files[0].path, path);
  EXPECT_EQ(inputs->files[0].name, "the payload");
  EXPECT_EQ(inputs->files[0].directory, "");
  EXPECT_EQ(inputs->files[0].skip_file, -1);
  EXPECT_EQ(inputs->sources->Read(path, "").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace stored::reports
