#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/plist/document.h"
#include "reports/report.h"

namespace stored::reports {

// What CodeChecker calls the checker of a diagnostic that has no check_name (clang before 3.6).
inline constexpr std::string_view kUnknownChecker = "NOT FOUND";

// Reads a diagnostic of a plist, its <dict>, into a Report. Not safe for concurrent use.
class PlistDiagnosticReader {
 public:
  // `file_count` is how many entries the plist's `files` has.
  explicit PlistDiagnosticReader(size_t file_count) : file_count_(file_count) {}

  // False when the diagnostic lacks what it needs; failure() then says where in it and what.
  // `report` is a new one.
  bool Read(PlistNode diagnostic, Report& report);
  // As much of it as tells reports apart (reports/identity.h), and its location. Of `report`, which
  // may be one that was read before, nothing else means anything then.
  bool ReadIdentifying(PlistNode diagnostic, Report& report);
  const std::string& failure() const { return failure_; }

 private:
  enum class Extent : uint8_t { kIdentifying, kAll };

  bool ReadEntries(PlistNode diagnostic, Report& report);
  bool ReadEntry(std::string_view key, PlistNode value, Report& report);
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
  bool ReadLocation(PlistNode location, Location& out);
  bool ReadText(PlistNode node, std::string& out);
  bool ReadNumber(PlistNode node, int64_t& out);

  // Notes what is wrong, and puts in front of what was noted where it is. Both answer false.
  bool Fail(std::string what);
  bool In(std::string_view where);
  bool In(std::string_view where, size_t index);

  template <typename Visit>
  bool ForEachEntry(PlistNode node, Visit visit);
  template <typename Visit>
  bool ForEachItem(PlistNode node, Visit visit);

  size_t file_count_;
  // Of what is being read.
  Extent extent_ = Extent::kAll;
  std::string failure_;
};

}  // namespace stored::reports
