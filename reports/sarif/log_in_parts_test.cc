// Logs that are handed on in parts while they are read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/report_files.h"
#include "reports/sarif/testing/test_logs.h"

namespace stored::reports {
namespace {

using ::testing::Each;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Joins the parts of a log.
class Joined final : public ResultParts {
 public:
  explicit Joined(size_t part_bytes = kPartBytes) : part_bytes_(part_bytes) {}

  size_t PartBytes() const override { return part_bytes_; }
  absl::Status Take(ResultFile part, size_t bytes) override {
    EXPECT_THAT(part.warnings, IsEmpty());
    bytes_.push_back(bytes);
    Append(std::move(part));
    return take_status;
  }

  absl::Status Read(const std::string& log) {
    absl::StatusOr<ResultFile> last = ReadSarif(log, "log.sarif", Limits(), {}, this);
    if (!last.ok()) return last.status();
    Append(*std::move(last));
    return absl::OkStatus();
  }

  // Returns the size of each part but the last.
  const std::vector<size_t>& bytes() const { return bytes_; }
  const ResultFile& file() const { return file_; }

  // Returned by Take() for each part.
  absl::Status take_status;

 private:
  void Append(ResultFile part) {
    for (NamedSource& file : part.files) file_.files.push_back(std::move(file));
    EXPECT_TRUE(part.hash_bases.empty() || part.hash_bases.size() == part.reports.size());
    part.hash_bases.resize(part.reports.size());
    for (size_t i = 0; i < part.reports.size(); ++i) {
      Report& report = part.reports[i];
      // A report may refer to every file that has been handed on so far.
      ForEachFileIndex(report, [this](FileIndex file) { EXPECT_LT(file, file_.files.size()); });
      file_.reports.push_back(std::move(report));
      file_.hash_bases.push_back(std::move(part.hash_bases[i]));
    }
    for (Analysis& analysis : part.analyses) file_.analyses.push_back(std::move(analysis));
    file_.warnings = std::move(part.warnings);
  }

  const size_t part_bytes_;
  std::vector<size_t> bytes_;
  ResultFile file_;
};

void ExpectSame(const ResultFile& joined, const ResultFile& whole) {
  EXPECT_TRUE(joined.reports == whole.reports);
  EXPECT_EQ(joined.analyses, whole.analyses);
  EXPECT_EQ(joined.warnings, whole.warnings);
  ASSERT_EQ(joined.files.size(), whole.files.size());
  for (size_t i = 0; i < whole.files.size(); ++i) {
    EXPECT_EQ(joined.files[i].path, whole.files[i].path);
    EXPECT_EQ(joined.files[i].content, whole.files[i].content);
  }
  ASSERT_EQ(joined.reports.size(), whole.reports.size());
  for (size_t i = 0; i < whole.hash_bases.size(); ++i) {
    EXPECT_EQ(joined.hash_bases[i].snippet, whole.hash_bases[i].snippet);
    EXPECT_EQ(joined.hash_bases[i].partial_fingerprints, whole.hash_bases[i].partial_fingerprints);
  }
}

TEST(SarifLogInParts, Samples_PartsJoinToTheWholeLog) {
  for (const std::string name : {"clang/divide.sarif", "flawfinder/copy.sarif", "ruff/report.sarif",
                                 "eslint/cart.sarif", "all_properties.sarif"}) {
    const std::string log = SampleLog(name);
    const ResultFile whole = ReadLog(log);
    // Each result becomes a part.
    Joined joined(1);
    ASSERT_TRUE(joined.Read(log).ok()) << name;
    EXPECT_THAT(joined.bytes(), SizeIs(whole.reports.size())) << name;
    ExpectSame(joined.file(), whole);
  }
}

// Returns a log of `runs` runs of about 3 MiB each, with files in common. The first run embeds
// sources and leaves the hashes of about every other MiB to compute.
std::string LargeLog(int runs) {
  const std::string text(200, 'x');
  std::string log = R"({"version": "2.1.0", "runs": [)";
  for (int run = 0; run < runs; ++run) {
    log += fmt::format(R"({}{{"tool": {{"driver": {{"name": "scan{}"}}}}, "artifacts": [)",
                       run == 0 ? "" : ", ", run);
    for (int file = 0; run == 0 && file < 700; ++file) {
      log += fmt::format(R"({}{{"location": {{"uri": "{}.c"}}, "contents": {{"text": "{}"}}}})",
                         file == 0 ? "" : ", ", file, file);
    }
    log += R"(], "results": [)";
    for (int i = 0; i < 7000; ++i) {
      const bool hash = run > 0 || i / 2500 % 2 == 0;
      log += fmt::format(
          R"({}{{"ruleId": "R{}", "kind": "{}", "message": {{"text": "{} {}"}}, "{}": {{"a": "{}"}},
             "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "{}.c"}},
               "region": {{"startLine": {}}}}}}}],
             "relatedLocations": [{{"message": {{"text": "see"}}, "physicalLocation":
               {{"artifactLocation": {{"uri": "{}.c"}}, "region": {{"startLine": 1}}}}}}]}})",
          i == 0 ? "" : ",\n", i % 10, i % 100 == 3 ? "pass" : "fail", text, i,
          hash ? "fingerprints" : "partialFingerprints", i, i / 10 + 100 * run, i + 1, i % 50);
    }
    log += "]}";
  }
  return log + "]}";
}

TEST(SarifLogInParts, LargeLog_PartsJoinToTheWholeLog) {
  const std::string log = LargeLog(1);
  const ResultFile whole = ReadLog(log);
  ASSERT_THAT(whole.reports, SizeIs(6930));
  Joined joined;
  ASSERT_TRUE(joined.Read(log).ok());
  EXPECT_THAT(joined.bytes(), SizeIs(log.size() / ResultParts::kPartBytes));
  EXPECT_THAT(joined.bytes(), Each(Ge(ResultParts::kPartBytes)));
  ExpectSame(joined.file(), whole);
}

TEST(SarifLogInParts, LargeLogOfTwoRuns_IsOnePart) {
  const std::string log = LargeLog(2);
  Joined joined;
  ASSERT_TRUE(joined.Read(log).ok());
  EXPECT_THAT(joined.bytes(), IsEmpty());
  ExpectSame(joined.file(), ReadLog(log));
}

TEST(SarifLogInParts, SmallLog_IsOnePart) {
  Joined joined;
  ASSERT_TRUE(joined.Read(LogOfResult(ResultOf())).ok());
  EXPECT_THAT(joined.bytes(), IsEmpty());
  EXPECT_THAT(joined.file().reports, SizeIs(1));
}

TEST(SarifLogInParts, MalformedAtItsEnd_ErrorAfterParts) {
  std::string log = LogOf(fmt::format(R"("results": [{}, {}])", ResultOf(), ResultOf()));
  Joined joined(1);
  EXPECT_EQ(joined.Read(log + "}").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(joined.bytes(), SizeIs(2));
}

TEST(SarifLogInParts, PartRefused_ReadingEnds) {
  Joined joined(1);
  joined.take_status = absl::CancelledError("enough");
  EXPECT_EQ(
      joined.Read(LogOf(fmt::format(R"("results": [{}, {}])", ResultOf(), ResultOf()))).code(),
      absl::StatusCode::kCancelled);
  EXPECT_THAT(joined.bytes(), SizeIs(1));
}

// The runs are over the same file: the first embeds nothing, the others embed different texts.
TEST(SarifLogInParts, SourceEmbeddedByALaterRun_IsTheFilesContent) {
  const auto run = [](const std::string& artifacts) {
    return fmt::format(
        R"({{"tool": {{"driver": {{"name": "scan"}}}}, "artifacts": [{}], "results": [{}]}})",
        artifacts, ResultOf());
  };
  const auto embedded = [](const std::string& text) {
    return fmt::format(R"({{"location": {{"uri": "src/a.c"}}, "contents": {{"text": "{}"}}}})",
                       text);
  };
  const std::string log = fmt::format(R"({{"version": "2.1.0", "runs": [{}, {}, {}]}})", run(""),
                                      run(embedded("first")), run(embedded("second")));
  Joined joined(1);
  ASSERT_TRUE(joined.Read(log).ok());
  ASSERT_THAT(joined.file().files, SizeIs(1));
  EXPECT_EQ(joined.file().files[0].content, "second");
  ExpectSame(joined.file(), ReadLog(log));
}

}  // namespace
}  // namespace stored::reports
