#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "stored/v1/report_service.pb.h"
#include "tools/terminal/json_list.h"
#include "tools/terminal/output.h"
#include "tools/terminal/table.h"

namespace stored::tools {

// Returns the columns of a table of reports.
std::vector<Table::Column> ReportColumns();

// Adds a row for a report to a table with ReportColumns(), and below it a row for each step of its
// bug paths, each note and each macro expansion.
void AddReportRows(const v1::Report& report, Table& table);

// If a store into the run completes between two pages (ABORTED), a list of reports is read again
// from its start, this many times in all.
inline constexpr int kMaxReadings = 4;

// The reports that a command lists: a table that is printed page by page, or with -o json one
// document that is printed at the end. Not safe for concurrent use.
class ReportListing {
 public:
  // REQUIRES: `output` outlives it.
  explicit ReportListing(Output& output)
      : output_(output), table_(output.result(), ReportColumns()) {}

  // Calls `read`, which adds all pages and returns a status, until it does not return ABORTED or
  // something was printed; kMaxReadings times at the most. Returns the last status.
  template <typename Read>
  absl::Status ReadFromStart(Read read) {
    absl::Status status;
    for (int i = 0; i < kMaxReadings; ++i) {
      all_.Clear();
      empty_ = true;
      status = read();
      if (!absl::IsAborted(status) || printed_) break;
    }
    return status;
  }
  // Takes the reports of a page. Prints the titles of the table even if there are no reports.
  // INTERNAL if a report has no JSON form.
  absl::Status Add(const google::protobuf::RepeatedPtrField<v1::Report>& reports);
  // Sets a field of the document beside the list.
  absl::Status SetField(const std::string& name, const google::protobuf::Message& value) {
    return all_.SetField(name, value);
  }
  // Prints the document, if there is one.
  void Finish();

  // Returns true if there was no report.
  bool empty() const { return empty_; }

 private:
  Output& output_;
  Table table_;
  JsonList all_{"reports"};
  bool empty_ = true;
  bool printed_ = false;
};

// Warns if a snapshot is incomplete. `described` begins the warning.
void WarnIfIncomplete(const v1::Snapshot& snapshot, std::string_view described, Output& output);

}  // namespace stored::tools
