#include "reports/plist/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace stored::reports {
namespace {

// The numbers of a location as the plist has them; clang and its converters write -1 for what they
// do not know.
uint32_t LineOrColumn(int64_t number) {
  return static_cast<uint32_t>(std::max<int64_t>(number, 0));
}

bool ParseNumber(std::string_view text, int64_t& out) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  return parsed.ec == std::errc() && parsed.ptr == end &&
         out <= std::numeric_limits<uint32_t>::max();
}

}  // namespace

bool PlistDiagnosticReader::Fail(std::string what) {
  failure_ = std::move(what);
  return false;
}

bool PlistDiagnosticReader::In(std::string_view where) {
  failure_ = fmt::format("{}: {}", where, failure_);
  return false;
}

bool PlistDiagnosticReader::In(std::string_view where, size_t index) {
  failure_ = fmt::format("{}[{}]: {}", where, index, failure_);
  return false;
}

template <typename Visit>
bool PlistDiagnosticReader::ForEachEntry(PlistNode node, Visit visit) {
  if (!node.IsDictionary()) return Fail("a <dict> was expected");
  bool malformed = false;
  if (node.ForEachEntry(malformed, visit)) return true;
  if (malformed) return Fail("keys and values of a <dict> do not alternate");
  return false;
}

template <typename Visit>
bool PlistDiagnosticReader::ForEachItem(PlistNode node, Visit visit) {
  if (!node.IsArray()) return Fail("an <array> was expected");
  size_t index = 0;
  for (const PlistNode item : node.children()) {
    if (!visit(index++, item)) return false;
  }
  return true;
}

bool PlistDiagnosticReader::Read(PlistNode diagnostic, Report& report) {
  extent_ = Extent::kAll;
  return ReadEntries(diagnostic, report);
}

bool PlistDiagnosticReader::ReadIdentifying(PlistNode diagnostic, Report& report) {
  extent_ = Extent::kIdentifying;
  // Texts are overwritten where they are, not made anew: most diagnostics of a large analysis are
  // found in many files, and end here.
  report.report_hash.clear();
  report.checker_name.clear();
  report.message.clear();
  report.annotations.clear();
  return ReadEntries(diagnostic, report);
}

bool PlistDiagnosticReader::ReadEntries(PlistNode diagnostic, Report& report) {
  bool located = false;
  bool has_path = false;
  const bool read = ForEachEntry(diagnostic, [&](std::string_view key, PlistNode value) {
    located = located || key == "location";
    has_path = has_path || key == "path";
    return ReadEntry(key, value, report);
  });
  if (!read) return false;
  if (!located) return Fail("it has no location");
  if (!has_path) report.bug_path.events.clear();
  if (report.checker_name.empty()) report.checker_name = kUnknownChecker;
  if (report.bug_path.events.empty()) {
    BugPathEvent& event = report.bug_path.events.emplace_back();
    event.location = report.location;
    event.message = report.message;
  }
  return true;
}

bool PlistDiagnosticReader::ReadEntry(std::string_view key, PlistNode value, Report& report) {
  if (key == "path") return ReadPath(value, report.bug_path);
  if (key == "location") return ReadLocation(value, report.location) || In(key);
  if (key == "description") return ReadText(value, report.message) || In(key);
  if (key == "check_name") return ReadText(value, report.checker_name) || In(key);
  if (key == "issue_hash_content_of_line_in_context") {
    return ReadText(value, report.report_hash) || In(key);
  }
  if (key == "report-annotation") return ReadAnnotations(value, report.annotations) || In(key);
  if (extent_ == Extent::kIdentifying) return true;
  if (key == "category") return ReadText(value, report.category) || In(key);
  if (key == "type") return ReadText(value, report.type) || In(key);
  if (key == "notes") return ReadNotes(value, report.bug_path.notes);
  if (key == "macro_expansions") {
    return ReadMacroExpansions(value, report.bug_path.macro_expansions);
  }
  return true;
}

bool PlistDiagnosticReader::ReadPath(PlistNode path, BugPath& bug_path) {
  bug_path.positions.clear();
  size_t events = 0;
  const bool read = ForEachItem(path, [&](size_t index, PlistNode item) {
    return ReadPathItem(item, bug_path, events) || In("path", index);
  });
  bug_path.events.resize(events);
  return read;
}

// Items of other kinds (clang's "pop-up") are no steps of the bug path. `events`: how many there
// are so far; further ones are of a report read before.
bool PlistDiagnosticReader::ReadPathItem(PlistNode item, BugPath& bug_path, size_t& events) {
  std::string scratch;
  const PlistNode kind_node = item.FindValue("kind");
  const std::string_view kind = kind_node ? kind_node.Text(scratch) : "";
  if (kind == "event") {
    if (events == bug_path.events.size()) bug_path.events.emplace_back();
    if (!ReadEvent(item, bug_path.events[events])) return false;
    ++events;
    return true;
  }
  if (extent_ == Extent::kIdentifying) return true;
  PlistNode edges;
  const bool read = ForEachEntry(item, [&](std::string_view key, PlistNode value) {
    if (key == "edges") edges = value;
    return true;
  });
  if (!read) return false;
  return kind != "control" || !edges || ReadEdges(edges, bug_path.positions);
}

bool PlistDiagnosticReader::ReadEvent(PlistNode item, BugPathEvent& event) {
  bool located = false;
  bool has_message = false;
  int64_t depth = 0;
  const bool read = ForEachEntry(item, [&](std::string_view key, PlistNode value) {
    if (key == "location") {
      located = true;
      return ReadLocation(value, event.location) || In(key);
    }
    if (key == "message") {
      has_message = true;
      return ReadText(value, event.message) || In(key);
    }
    if (extent_ == Extent::kIdentifying) return true;
    if (key == "depth") return ReadNumber(value, depth) || In(key);
    if (key == "ranges") return ReadRanges(value, event.ranges) || In(key);
    return true;
  });
  if (!read) return false;
  if (!located) return Fail("it has no location");
  if (!has_message) return Fail("it has no message");
  event.depth = static_cast<int32_t>(std::clamp<int64_t>(depth, std::numeric_limits<int32_t>::min(),
                                                         std::numeric_limits<int32_t>::max()));
  return true;
}

bool PlistDiagnosticReader::ReadNotes(PlistNode notes, std::vector<BugPathEvent>& out) {
  out.clear();
  return ForEachItem(notes, [&](size_t index, PlistNode item) {
    BugPathEvent note;
    if (!ReadEvent(item, note)) return In("notes", index);
    note.depth = 0;
    // As in CodeChecker, a note that says nothing is none.
    if (!note.message.empty()) out.push_back(std::move(note));
    return true;
  });
}

bool PlistDiagnosticReader::ReadMacroExpansions(PlistNode macros,
                                                std::vector<MacroExpansion>& out) {
  out.clear();
  return ForEachItem(macros, [&](size_t index, PlistNode item) {
    MacroExpansion expansion;
    if (!ReadMacroExpansion(item, expansion)) return In("macro_expansions", index);
    // As in CodeChecker, an expansion to nothing is none.
    if (!expansion.expansion.empty()) out.push_back(std::move(expansion));
    return true;
  });
}

bool PlistDiagnosticReader::ReadMacroExpansion(PlistNode macro, MacroExpansion& expansion) {
  bool located = false;
  const bool read = ForEachEntry(macro, [&](std::string_view key, PlistNode value) {
    if (key == "location") {
      located = true;
      return ReadLocation(value, expansion.location) || In(key);
    }
    if (key == "name") return ReadText(value, expansion.name) || In(key);
    if (key == "expansion") return ReadText(value, expansion.expansion) || In(key);
    return true;
  });
  if (!read) return false;
  return located || Fail("it has no location");
}

bool PlistDiagnosticReader::ReadAnnotations(PlistNode annotations, std::vector<Annotation>& out) {
  out.clear();
  return ForEachEntry(annotations, [&](std::string_view key, PlistNode value) {
    Annotation annotation{.key = std::string(key), .value = {}};
    if (!ReadText(value, annotation.value)) return In(key);
    out.push_back(std::move(annotation));
    return true;
  });
}

// The path A -> B -> C stands in the plist as A -> B, B -> C: the start of an edge is a position of
// its own only where it is not the end of the edge before.
bool PlistDiagnosticReader::ReadEdges(PlistNode edges, std::vector<Range>& positions) {
  return ForEachItem(edges, [&](size_t index, PlistNode edge) {
    std::optional<Range> start;
    std::optional<Range> end;
    const bool read = ForEachEntry(edge, [&](std::string_view key, PlistNode value) {
      if (key == "start") return ReadRange(value, start.emplace()) || In(key);
      if (key == "end") return ReadRange(value, end.emplace()) || In(key);
      return true;
    });
    if (!read) return In("edges", index);
    if (!start || !end) {
      Fail("it lacks its start or its end");
      return In("edges", index);
    }
    if (positions.empty() || positions.back() != *start) positions.push_back(*start);
    positions.push_back(*end);
    return true;
  });
}

bool PlistDiagnosticReader::ReadRanges(PlistNode ranges, std::vector<Range>& out) {
  out.clear();
  return ForEachItem(ranges, [&](size_t index, PlistNode range) {
    return ReadRange(range, out.emplace_back()) || In("range", index);
  });
}

// A range is an array of two locations, its first and its last character. The file is that of the
// last, as in CodeChecker; in clang's output both are the same.
bool PlistDiagnosticReader::ReadRange(PlistNode range, Range& out) {
  Location start;
  Location end;
  size_t locations = 0;
  const bool read = ForEachItem(range, [&](size_t index, PlistNode location) {
    ++locations;
    return index > 1 || ReadLocation(location, index == 0 ? start : end);
  });
  if (!read) return false;
  if (locations != 2) return Fail("a range is two locations");
  out = {.file = end.file,
         .start_line = start.line,
         .start_column = start.column,
         .end_line = end.line,
         .end_column = end.column};
  return true;
}

bool PlistDiagnosticReader::ReadLocation(PlistNode location, Location& out) {
  std::optional<int64_t> file;
  int64_t line = 0;
  int64_t column = 0;
  const bool read = ForEachEntry(location, [&](std::string_view key, PlistNode value) {
    if (key == "line") return ReadNumber(value, line) || In(key);
    if (key == "col") return ReadNumber(value, column) || In(key);
    if (key == "file") return ReadNumber(value, file.emplace()) || In(key);
    return true;
  });
  if (!read) return false;
  if (!file) return Fail("it names no file");
  if (static_cast<uint64_t>(*file) >= file_count_) {  // A negative one becomes a huge one.
    return Fail(fmt::format("file {} is out of range; 'files' has {} entries", *file, file_count_));
  }
  out = {.file = static_cast<FileIndex>(*file),
         .line = LineOrColumn(line),
         .column = LineOrColumn(column)};
  return true;
}

bool PlistDiagnosticReader::ReadText(PlistNode node, std::string& out) {
  if (node.IsDictionary() || node.IsArray()) return Fail("text was expected");
  node.ReadText(out);
  return true;
}

// Any number that fits a uint32_t, or a negative one.
bool PlistDiagnosticReader::ReadNumber(PlistNode node, int64_t& out) {
  if (ParseNumber(node.raw_text(), out)) return true;
  std::string scratch;
  const std::string_view text = node.Text(scratch);
  return ParseNumber(text, out) || Fail(fmt::format("'{:.32}' is not a number in range", text));
}

}  // namespace stored::reports
