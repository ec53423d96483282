#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/inputs/few_warnings.h"
#include "reports/plist/document.h"
#include "reports/report.h"

namespace stored::reports {

// What CodeChecker calls the checker of a diagnostic that has no check_name (clang before 3.6).
inline constexpr std::string_view kUnknownChecker = "NOT FOUND";

// Reads diagnostics of a plist, each a <dict>, into Reports. What is odd about a field costs the
// field and a warning, not the report. Not safe for concurrent use.
class PlistDiagnosticReader {
 public:
  // `file_count` is how many entries the plist's `files` has. `warnings` outlives it.
  PlistDiagnosticReader(size_t file_count, FewWarnings& warnings)
      : file_count_(file_count), warnings_(warnings) {}

  // `index` is its place among the diagnostics, for warnings; `report` is a new one. False when the
  // plist itself is broken there; failure() then says where in the diagnostic and what.
  bool Read(PlistNode diagnostic, size_t index, Report& report);
  // As much of it as tells reports apart (reports/identity.h), and its location, without a warning.
  // Of `report`, which may be one that was read before, nothing else means anything then.
  bool ReadIdentifying(PlistNode diagnostic, Report& report);
  const std::string& failure() const { return failure_; }

  // Returns whether something is at no place: then it names a file behind the last one, which has
  // no path.
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
  // The same, at no place where it cannot be read.
  bool ReadPlace(std::string_view key, PlistNode location, Location& out);
  bool ReadLocation(PlistNode location, Location& out);
  // Empty or 0 where it cannot be read.
  bool ReadText(std::string_view key, PlistNode node, std::string& out);
  bool ReadNumber(std::string_view key, PlistNode node, int64_t& out);
  Location NoPlace();

  // Notes what is wrong, and puts in front of what was noted where it is. Both answer false.
  bool Fail(std::string what);
  bool In(std::string_view where);
  bool In(std::string_view where, size_t index);
  // Makes a warning of what was noted, and answers true; false where the plist itself is broken.
  bool PassOver();
  bool PassOverIn(std::string_view where);
  bool Odd(std::string what);

  template <typename Visit>
  bool ForEachEntry(PlistNode node, Visit visit);
  template <typename Visit>
  bool ForEachItem(PlistNode node, Visit visit);

  const size_t file_count_;
  FewWarnings& warnings_;
  // Of what is being read.
  Extent extent_ = Extent::kAll;
  size_t index_ = 0;
  // Where in the diagnostic it is: "path" and the item's index; empty outside of lists.
  std::string_view list_;
  size_t item_ = 0;
  std::string failure_;
  // What failed is not a field but the plist.
  bool broken_ = false;
  bool names_no_file_ = false;
};

}  // namespace stored::reports
