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
  // kUnspecified if the table does not state it.
  Severity severity = Severity::kUnspecified;
  // Comma-separated, as in checkers.tsv: "default,extreme",
  // "sei-cert-c:pos44-c,cwe-vulnerability:cwe-78".
  std::string_view profiles;
  std::string_view rules;
  // The URL of the checker's documentation.
  std::string_view documentation;
};

// Returns the whole table, sorted by checker, then analyzer.
absl::Span<const CheckerFacts> CheckerTable();

// Returns the entry for a checker, or nullptr. This is the entry with the checker's name, or else
// the longest one with which the name begins, if '-', '.' or '/' follows ("clang-diagnostic" for
// "clang-diagnostic-brand-new"). If several analyzers have an entry with that name, returns that of
// `analyzer`, or else the most severe.
const CheckerFacts* FindChecker(std::string_view analyzer, std::string_view checker);

}  // namespace stored::reports
