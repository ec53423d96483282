#include "reports/analyzed_files.h"

#include <gtest/gtest.h>

namespace stored::reports {
namespace {

TEST(AnalyzedFiles, NothingReported_NotKnown) {
  AnalyzedFiles files;
  files.Add({.analyzer = "clangsa", .directory = "/w"});
  EXPECT_EQ(files.total(), 0u);
  EXPECT_EQ(files.failed(), 0u);
}

TEST(AnalyzedFiles, TwoAnalyzersOfTheSameFiles_CountedOnce) {
  AnalyzedFiles files;
  files.Add({.analyzer = "clangsa",
             .directory = "/w",
             .successful = 2,
             .successful_sources = {"/w/a.c", "/w/b.c"},
             .failed = 1,
             .failed_sources = {"/w/c.c"}});
  files.Add({.analyzer = "clang-tidy",
             .directory = "/w",
             .successful = 2,
             .successful_sources = {"/w/a.c", "/w/c.c"},
             .failed = 1,
             .failed_sources = {"/w/b.c"}});
  EXPECT_EQ(files.total(), 3u);
  // Each analyzer failed on a file that the other one analysed.
  EXPECT_EQ(files.failed(), 2u);
}

TEST(AnalyzedFiles, DirectoriesThatOverlap_FileCountedOnce) {
  AnalyzedFiles files;
  for (int i = 0; i < 2; ++i) {
    files.Add({.analyzer = "clangsa",
               .directory = "/w",
               .successful = 1,
               .successful_sources = {"/w/a.c"},
               .failed = 2,
               // Compiled twice, with different options.
               .failed_sources = {"/w/bad.c", "/w/bad.c"}});
  }
  EXPECT_EQ(files.total(), 2u);
  EXPECT_EQ(files.failed(), 1u);
}

TEST(AnalyzedFiles, RelativeNames_RelativeToTheWorkingDirectory) {
  AnalyzedFiles files;
  for (const char* directory : {"/one", "/two"}) {
    files.Add({.analyzer = "clangsa",
               .directory = directory,
               .successful = 0,
               .successful_sources = {},
               .failed = 1,
               .failed_sources = {"a.c"}});
  }
  EXPECT_EQ(files.failed(), 2u);
}

TEST(AnalyzedFiles, CountsWithoutNames_OfTheAnalyzerWithTheMost) {
  AnalyzedFiles files;
  files.Add({.analyzer = "clangsa",
             .directory = "/w",
             .successful = 118,
             .successful_sources = {},
             .failed = 2,
             .failed_sources = {"/w/x.c"}});
  files.Add({.analyzer = "clang-tidy", .directory = "/w", .successful = 120});
  EXPECT_EQ(files.total(), 120u);
  EXPECT_EQ(files.failed(), 2u);
  // A second directory whose files are not named either.
  files.Add({.analyzer = "clang-tidy", .directory = "/v", .successful = 30});
  EXPECT_EQ(files.total(), 150u);
}

TEST(AnalyzedFiles, AnalysisOfTheModel) {
  Analysis analysis;
  analysis.working_directory = "/w";
  analysis.analyzers.push_back({.name = "clangsa",
                                .version = "",
                                .successful = 4,
                                .failed = 1,
                                .failed_sources = {"bad.c"},
                                .checkers = {}});
  AnalyzedFiles files;
  files.Add(analysis);
  EXPECT_EQ(files.total(), 5u);
  EXPECT_EQ(files.failed(), 1u);
}

}  // namespace
}  // namespace stored::reports
