#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pugixml.hpp"
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
  bool Read(pugi::xml_node diagnostic, Report& report);
  // As much of it as tells reports apart (reports/identity.h), and its location. Of `report`, which
  // may be one that was read before, nothing else means anything then.
  bool ReadIdentifying(pugi::xml_node diagnostic, Report& report);
  const std::string& failure() const { return failure_; }

 private:
  enum class Extent : uint8_t { kIdentifying, kAll };

  bool ReadEntries(pugi::xml_node diagnostic, Report& report);
  bool ReadEntry(std::string_view key, pugi::xml_node value, Report& report);
  bool ReadPath(pugi::xml_node path, BugPath& bug_path);
  bool ReadPathItem(pugi::xml_node item, BugPath& bug_path, size_t& events);
  bool ReadEvent(pugi::xml_node item, BugPathEvent& event);
  bool ReadNotes(pugi::xml_node notes, std::vector<BugPathEvent>& out);
  bool ReadMacroExpansions(pugi::xml_node macros, std::vector<MacroExpansion>& out);
  bool ReadMacroExpansion(pugi::xml_node macro, MacroExpansion& expansion);
  bool ReadAnnotations(pugi::xml_node annotations, std::vector<Annotation>& out);
  bool ReadEdges(pugi::xml_node edges, std::vector<Range>& positions);
  bool ReadRanges(pugi::xml_node ranges, std::vector<Range>& out);
  bool ReadRange(pugi::xml_node range, Range& out);
  bool ReadLocation(pugi::xml_node location, Location& out);
  bool ReadText(pugi::xml_node node, std::string& out);
  bool ReadNumber(pugi::xml_node node, int64_t& out);

  // Notes what is wrong, and puts in front of what was noted where it is. Both answer false.
  bool Fail(std::string what);
  bool In(std::string_view where);
  bool In(std::string_view where, size_t index);

  template <typename Visit>
  bool ForEachEntry(pugi::xml_node node, Visit visit);
  template <typename Visit>
  bool ForEachItem(pugi::xml_node node, Visit visit);

  size_t file_count_;
  // Of what is being read.
  Extent extent_ = Extent::kAll;
  std::string failure_;
};

}  // namespace stored::reports
