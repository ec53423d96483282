#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "stored/v1/report_service.pb.h"
#include "tools/options/enum_option.h"

// The options that select reports, of all commands that list or count them.
namespace stored::tools {

struct ReportFilterArguments {
  std::vector<std::string> checkers;
  std::vector<std::string> files;
  bool no_file = false;
  std::vector<std::string> logical_locations;
  std::vector<std::string> analyzers;
  std::vector<std::string> hashes;
  std::vector<std::string> severities;
  std::vector<std::string> statuses;
  std::vector<std::string> reviews;
};

// Adds --checker, --file and so on. `arguments` must outlive the parsing.
void AddReportFilterOptions(CLI::App& command, ReportFilterArguments& arguments);

// Sets the filters of a v1::ListReportsRequest or v1::ReportFilter, which have the same fields.
template <typename Message>
void FillReportFilter(const ReportFilterArguments& arguments, Message& message) {
  const auto assign = [](const std::vector<std::string>& from, auto* to) {
    to->Assign(from.begin(), from.end());
  };
  assign(arguments.checkers, message.mutable_checker_names());
  assign(arguments.files, message.mutable_file_paths());
  message.set_without_file(arguments.no_file);
  assign(arguments.logical_locations, message.mutable_logical_locations());
  assign(arguments.analyzers, message.mutable_analyzer_names());
  assign(arguments.hashes, message.mutable_report_hashes());
  AddEnumValues<v1::Severity>(arguments.severities, *message.mutable_severities());
  AddEnumValues<v1::DetectionStatus>(arguments.statuses, *message.mutable_detection_statuses());
  AddEnumValues<v1::ReviewStatus>(arguments.reviews, *message.mutable_review_statuses());
}

}  // namespace stored::tools
