#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "reports/report.h"

// Facts about the checkers of common analyzers: checkers.tsv, compiled in. NOTICE names its
// source and licence.
namespace stored::reports {

struct CheckerFacts {
  std::string_view analyzer;
  std::string_view checker;
  // kUnspecified where the source says nothing.
  Severity severity = Severity::kUnspecified;
  // Comma-separated, as in the source: "default,extreme",
  // "sei-cert-c:pos44-c,cwe-vulnerability:cwe-78".
  std::string_view profiles;
  std::string_view rules;
  // The page that documents the checker.
  std::string_view documentation;
};

// All of the table, sorted by checker, then analyzer.
absl::Span<const CheckerFacts> CheckerTable();

// Returns what the table says about a checker, or nullptr. That is the entry with the checker's
// name, or else the longest that the name begins with and has a '-', '.' or '/' after
// ("clang-diagnostic" for "clang-diagnostic-brand-new"). Of several analyzers' entries with that
// name, the analyzer's own is returned, or else the most severe.
const CheckerFacts* FindChecker(std::string_view analyzer, std::string_view checker);

}  // namespace stored::reports
