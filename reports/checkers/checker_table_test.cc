#include "reports/checkers/checker_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/testing/build_paths.h"

namespace stored::reports {
namespace {

Severity SeverityOf(std::string_view analyzer, std::string_view checker) {
  const CheckerFacts* facts = FindChecker(analyzer, checker);
  return facts == nullptr ? Severity::kUnspecified : facts->severity;
}

std::string NameFound(std::string_view analyzer, std::string_view checker) {
  const CheckerFacts* facts = FindChecker(analyzer, checker);
  return facts == nullptr ? "none" : std::string(facts->checker);
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

// Returns the lines of the data file without its comments.
std::vector<std::string> DataLines() {
  std::ifstream file(SourcePath("reports/checkers/checkers.tsv"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

TEST(CheckerTableTest, DataFile_SortedUniqueAndPlain) {
  const std::vector<std::string> lines = DataLines();
  ASSERT_GT(lines.size(), 3000U);
  const std::set<std::string> severities = {"",       "unspecified", "style",   "low",
                                            "medium", "high",        "critical"};
  std::string last;
  for (const std::string& line : lines) {
    const std::vector<std::string> cells = Cells(line);
    ASSERT_EQ(cells.size(), 6U) << line;
    EXPECT_FALSE(cells[0].empty() || cells[1].empty()) << line;
    EXPECT_TRUE(severities.contains(cells[2])) << line;
    EXPECT_TRUE(cells[5].empty() || cells[5].starts_with("https://")) << line;
    // Characters that would have to be escaped in C++ are not allowed.
    for (const char c : line) {
      ASSERT_TRUE(c == '\t' || (c >= ' ' && c < 0x7f && c != '"' && c != '\\')) << line;
    }
    const std::string key = cells[1] + '\t' + cells[0];
    EXPECT_LT(last, key);
    last = key;
  }
}

TEST(CheckerTableTest, Table_HasEveryCellOfTheDataFile) {
  const std::vector<std::string> lines = DataLines();
  ASSERT_EQ(CheckerTable().size(), lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string> cells = Cells(lines[i]);
    const CheckerFacts& facts = CheckerTable()[i];
    EXPECT_EQ(facts.analyzer, cells[0]);
    EXPECT_EQ(facts.checker, cells[1]);
    EXPECT_EQ(facts.severity == Severity::kUnspecified,
              cells[2].empty() || cells[2] == "unspecified")
        << lines[i];
    EXPECT_EQ(facts.profiles, cells[3]);
    EXPECT_EQ(facts.rules, cells[4]);
    EXPECT_EQ(facts.documentation, cells[5]);
  }
}

TEST(CheckerTableTest, Find_EveryListedName_IsFound) {
  for (const CheckerFacts& facts : CheckerTable()) {
    EXPECT_EQ(FindChecker(facts.analyzer, facts.checker), &facts) << facts.checker;
  }
}

// A tool may run the checkers of another one under its own name.
TEST(CheckerTableTest, Find_ListedName_IsPreferredToItsBeginnings_ForAnyAnalyzer) {
  std::set<std::string_view> analyzers = {"", "unknown"};
  for (const CheckerFacts& facts : CheckerTable()) analyzers.insert(facts.analyzer);
  for (const std::string_view analyzer : analyzers) {
    for (const CheckerFacts& facts : CheckerTable()) {
      ASSERT_EQ(FindChecker(analyzer, facts.checker)->checker, facts.checker) << analyzer;
    }
  }
}

TEST(CheckerTableTest, Find_Severities) {
  EXPECT_EQ(SeverityOf("clangsa", "core.DivideZero"), Severity::kHigh);
  EXPECT_EQ(SeverityOf("clang-tidy", "bugprone-assert-side-effect"), Severity::kMedium);
  EXPECT_EQ(SeverityOf("clang-tidy", "abseil-redundant-strcat-calls"), Severity::kLow);
  EXPECT_EQ(SeverityOf("mdl", "MD001"), Severity::kStyle);
  EXPECT_EQ(SeverityOf("pylint", "file-ignored"), Severity::kUnspecified);
  EXPECT_TRUE(
      std::any_of(CheckerTable().begin(), CheckerTable().end(),
                  [](const CheckerFacts& facts) { return facts.severity == Severity::kCritical; }));
}

TEST(CheckerTableTest, Find_NotListed_LongestListedBeginningAtABoundary) {
  EXPECT_EQ(NameFound("clang-tidy", "clang-diagnostic-brand-new"), "clang-diagnostic");
  EXPECT_EQ(NameFound("clang-tidy", "clang-diagnostic-dangling-brand-new"),
            "clang-diagnostic-dangling");
  EXPECT_EQ(NameFound("clang-tidy", "clang-diagnostic-dangling-else.new/part"),
            "clang-diagnostic-dangling-else");
  EXPECT_EQ(NameFound("clangsa", "core.DivideZero.Option"), "core.DivideZero");
  EXPECT_EQ(NameFound("mdl", "MD001/heading-increment"), "MD001");
  // A boundary at the end, and several in a row.
  EXPECT_EQ(NameFound("mdl", "MD001/"), "MD001");
  EXPECT_EQ(NameFound("mdl", "MD001-./x"), "MD001");
}

TEST(CheckerTableTest, Find_BeginningWithoutBoundary_IsNotUsed) {
  EXPECT_EQ(NameFound("clangsa", "core.DivideZeroMore"), "none");
  EXPECT_EQ(NameFound("mdl", "MD0011"), "none");
  EXPECT_EQ(NameFound("clang-tidy", "clang-diagnosticx"), "none");
  EXPECT_EQ(NameFound("clang-tidy", "clang-diagnostic_x"), "none");
}

TEST(CheckerTableTest, Find_IsCaseSensitive) {
  EXPECT_EQ(NameFound("clangsa", "core.dividezero"), "none");
}

TEST(CheckerTableTest, Find_Unknown_Nothing) {
  EXPECT_EQ(FindChecker("clangsa", ""), nullptr);
  EXPECT_EQ(FindChecker("", "-"), nullptr);
  EXPECT_EQ(FindChecker("clangsa", "core"), nullptr);
  EXPECT_EQ(FindChecker("", std::string(4096, '-')), nullptr);
  EXPECT_EQ(FindChecker("ESLint", "no-unused-vars"), nullptr);
}

TEST(CheckerTableTest, Find_OtherAnalyzer_AnyAnalyzersEntry) {
  for (const char* analyzer : {"", "unknown", "clang-tidy", "Clang Static Analyzer"}) {
    EXPECT_EQ(SeverityOf(analyzer, "core.DivideZero"), Severity::kHigh) << analyzer;
    EXPECT_EQ(NameFound(analyzer, "clang-diagnostic-brand-new"), "clang-diagnostic") << analyzer;
  }
}

}  // namespace
}  // namespace stored::reports
