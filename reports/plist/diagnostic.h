#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/inputs/few_warnings.h"
#include "reports/plist/document.h"
#include "reports/report.h"

namespace stored::reports {

// The checker name that CodeChecker uses for a diagnostic without check_name (clang before 3.6).
inline constexpr std::string_view kUnknownChecker = "NOT FOUND";

// Reads diagnostics of a plist, each a <dict>, into Reports. A malformed field is left out with a
// warning; the report is kept. Not safe for concurrent use.
class PlistDiagnosticReader {
 public:
  // `file_count` is the number of entries in the plist's `files`. `warnings` must outlive the
  // reader.
  PlistDiagnosticReader(size_t file_count, FewWarnings& warnings)
      : file_count_(file_count), warnings_(warnings) {}

  // Reads a diagnostic. `index` is its index among the diagnostics, for warnings; `report` must be
  // new. Returns false if the plist itself is broken there; failure() then names the place in the
  // diagnostic and the fault.
  bool Read(PlistNode diagnostic, size_t index, Report& report);
  // Reads, without warnings, only the location and the fields that distinguish reports
  // (reports/identity.h). `report` may be one that was read before; its other fields are then
  // unspecified.
  bool ReadIdentifying(PlistNode diagnostic, Report& report);
  const std::string& failure() const { return failure_; }

  // Returns true if any location that was read lacks a file, or names one that cannot be used. Such
  // a location has the file index after those of the plist's files, which stands for a file without
  // a path.
  bool names_no_file() const { return names_no_file_; }

 private:
  enum class Extent : uint8_t { kIdentifying, kAll };

  bool ReadEntries(PlistNode diagnostic, Report& report);
  bool ReadEntry(std::string_view key, PlistNode value, Report& report);
  bool ReadDetail(std::string_view key, PlistNode value, Report& report);
  bool ReadPath(PlistNode path, BugPath& bug_path);
  bool ReadPathItem(PlistNode item, BugPath& bug_path, size_t& events);
  bool ReadEvent(PlistNode item, BugPathEvent& event);
  bool ReadNotes(PlistNode notes, std::vector<BugPathEvent>& out);
  bool ReadMacroExpansions(PlistNode macros, std::vector<MacroExpansion>& out);
  bool ReadMacroExpansion(PlistNode macro, MacroExpansion& expansion);
  bool ReadAnnotations(PlistNode annotations, std::vector<Annotation>& out);
  bool ReadEdges(PlistNode edges, std::vector<Range>& positions);
  bool ReadRanges(PlistNode ranges, std::vector<Range>& out);
  bool ReadRange(PlistNode range, Range& out);
  // Same as ReadLocation(), but sets an unreadable location to NoPlace(), with a warning.
  bool ReadPlace(std::string_view key, PlistNode location, Location& out);
  bool ReadLocation(PlistNode location, Location& out);
  // These set `out` to "" or 0 if the value cannot be read.
  bool ReadText(std::string_view key, PlistNode node, std::string& out);
  bool ReadNumber(std::string_view key, PlistNode node, int64_t& out);
  // Returns the location that stands for none, and notes for names_no_file() that it is in use.
  Location NoPlace();

  // Fail() records a fault, and In() puts its place in front. All return false.
  bool Fail(std::string what);
  bool In(std::string_view where);
  bool In(std::string_view where, size_t index);
  // Warn about the recorded fault and return true, so that the reading goes on without the field.
  // Return false, without a warning, if the plist itself is broken.
  bool PassOver();
  bool PassOverIn(std::string_view where);
  // Calls Fail() and then PassOver().
  bool Odd(std::string what);

  template <typename Visit>
  bool ForEachEntry(PlistNode node, Visit visit);
  template <typename Visit>
  bool ForEachItem(PlistNode node, Visit visit);

  const size_t file_count_;
  FewWarnings& warnings_;
  // The state of the current call.
  Extent extent_ = Extent::kAll;
  size_t index_ = 0;
  // The place in the diagnostic: "path" and the item's index; empty outside of lists.
  std::string_view list_;
  size_t item_ = 0;
  std::string failure_;
  // True if the fault is in the plist, not just in a field.
  bool broken_ = false;
  bool names_no_file_ = false;
};

}  // namespace stored::reports
