#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/files/file.h"
#include "base/testing/build_paths.h"
#include "reports/sarif/sarif_reader.h"

// Logs for tests to read.
namespace stored::reports {

// Returns a log with one run of a tool "scan" and these further properties.
inline std::string LogOf(std::string_view run_properties) {
  return fmt::format(
      R"({{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "scan"}}}}, {}}}]}})",
      run_properties);
}

// Returns a location at src/a.c:3:5 with these further properties.
inline std::string LocationOf(std::string_view properties = "") {
  return fmt::format(
      R"({{"physicalLocation": {{"artifactLocation": {{"uri": "src/a.c"}},
           "region": {{"startLine": 3, "startColumn": 5}}}} {}{}}})",
      properties.empty() ? "" : ", ", properties);
}

// Returns a result of rule R1 at that location, with these further properties.
inline std::string ResultOf(std::string_view properties = "") {
  return fmt::format(
      R"({{"ruleId": "R1", "message": {{"text": "found"}}, "locations": [{}] {}{}}})", LocationOf(),
      properties.empty() ? "" : ", ", properties);
}

inline std::string LogOfResult(std::string_view result) {
  return LogOf(fmt::format(R"("results": [{}])", result));
}

inline absl::StatusOr<ResultFile> TryReadLog(std::string log, const Limits& limits = Limits()) {
  return ReadSarif(std::move(log), "log.sarif", limits);
}

// Reads a well-formed log.
inline ResultFile ReadLog(std::string log) {
  absl::StatusOr<ResultFile> file = TryReadLog(std::move(log));
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : ResultFile();
}

// Reads a well-formed log of one report.
inline Report ReadReport(std::string log) {
  ResultFile file = ReadLog(std::move(log));
  EXPECT_EQ(file.reports.size(), 1u);
  return file.reports.empty() ? Report() : std::move(file.reports[0]);
}

// Returns a log in testdata.
inline std::string SampleLog(const std::string& name) {
  const absl::StatusOr<std::string> bytes =
      ReadFile(SourcePath("reports/sarif/testdata/" + name), uint64_t{1} << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

}  // namespace stored::reports
