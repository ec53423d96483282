#include "reports/plist/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "reports/placeholder_hash.h"

namespace stored::reports {
namespace {

// Returns a line or column of the plist. clang and the converters to its format write -1 for an
// unknown number, which becomes 0.
uint32_t LineOrColumn(int64_t number) {
  return static_cast<uint32_t>(std::max<int64_t>(number, 0));
}

bool ParseNumber(std::string_view text, int64_t& out) {
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  return parsed.ec == std::errc() && parsed.ptr == end &&
         out <= std::numeric_limits<uint32_t>::max();
}

// Parses a number that clang does not write in this form, but that Python's plistlib accepts: with
// white space around it, a plus sign, hexadecimal digits, or as a <real> that is whole.
bool ParseOddNumber(std::string_view text, int64_t& out) {
  constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return false;
  text = text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  if (ParseNumber(text, out)) return true;
  const char* const end = text.data() + text.size();
  if (text.starts_with("0x") || text.starts_with("0X")) {
    uint32_t number = 0;
    const auto parsed = std::from_chars(text.data() + 2, end, number, 16);
    out = number;
    return parsed.ec == std::errc() && parsed.ptr == end;
  }
  double real = 0;
  const auto parsed = std::from_chars(text.data(), end, real);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end && std::trunc(real) == real &&
                     std::abs(real) <= std::numeric_limits<uint32_t>::max();
  if (whole) out = static_cast<int64_t>(real);
  return whole;
}

// Keeps the last value of a key that occurs more than once, as CodeChecker does.
void KeepLast(std::vector<Annotation>& annotations) {
  std::map<std::string_view, size_t> last;
  for (size_t i = 0; i < annotations.size(); ++i) last[annotations[i].key] = i;
  if (last.size() == annotations.size()) return;
  std::vector<Annotation> kept;
  kept.reserve(last.size());
  for (size_t i = 0; i < annotations.size(); ++i) {
    if (last.at(annotations[i].key) == i) kept.push_back(annotations[i]);
  }
  annotations = std::move(kept);
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

bool PlistDiagnosticReader::PassOver() {
  if (broken_) return false;
  if (extent_ == Extent::kIdentifying) return true;
  const std::string place = list_.empty() ? "" : fmt::format("{}[{}]: ", list_, item_);
  warnings_.Add(fmt::format("diagnostics[{}]: {}{}; the rest is kept", index_, place, failure_));
  return true;
}

bool PlistDiagnosticReader::PassOverIn(std::string_view where) {
  In(where);
  return PassOver();
}

bool PlistDiagnosticReader::Odd(std::string what) {
  Fail(std::move(what));
  return PassOver();
}

Location PlistDiagnosticReader::NoPlace() {
  names_no_file_ = true;
  return {.file = static_cast<FileIndex>(file_count_), .line = 0, .column = 0};
}

template <typename Visit>
bool PlistDiagnosticReader::ForEachEntry(PlistNode node, Visit visit) {
  if (!node.IsDictionary()) return Fail("a <dict> was expected");
  bool malformed = false;
  if (node.ForEachEntry(malformed, visit)) return true;
  if (!malformed) return false;
  broken_ = true;
  return Fail("keys and values of a <dict> do not alternate");
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

bool PlistDiagnosticReader::Read(PlistNode diagnostic, size_t index, Report& report) {
  extent_ = Extent::kAll;
  index_ = index;
  return ReadEntries(diagnostic, report);
}

bool PlistDiagnosticReader::ReadIdentifying(PlistNode diagnostic, Report& report) {
  extent_ = Extent::kIdentifying;
  // Existing strings are overwritten, to reuse their memory: most diagnostics of a large analysis
  // occur in many files and are not read beyond this.
  report.report_hash.clear();
  report.checker_name.clear();
  report.message.clear();
  report.annotations.clear();
  return ReadEntries(diagnostic, report);
}

bool PlistDiagnosticReader::ReadEntries(PlistNode diagnostic, Report& report) {
  bool located = false;
  bool has_path = false;
  list_ = {};
  const bool read = ForEachEntry(diagnostic, [&](std::string_view key, PlistNode value) {
    located = located || key == "location";
    has_path = has_path || key == "path";
    return ReadEntry(key, value, report);
  });
  if (!read) return false;
  if (!located) {
    report.location = NoPlace();
    if (!Odd("it has no location")) return false;
  }
  if (!has_path) report.bug_path.events.clear();
  if (report.checker_name.empty()) report.checker_name = kUnknownChecker;
  if (IsPlaceholderHash(report.report_hash)) report.report_hash.clear();
  if (report.bug_path.events.empty()) {
    BugPathEvent& event = report.bug_path.events.emplace_back();
    event.location = report.location;
    event.message = report.message;
  }
  return true;
}

bool PlistDiagnosticReader::ReadEntry(std::string_view key, PlistNode value, Report& report) {
  if (key == "path") {
    const bool read = ReadPath(value, report.bug_path);
    list_ = {};
    return read || PassOverIn(key);
  }
  if (key == "location") return ReadPlace(key, value, report.location);
  if (key == "description") return ReadText(key, value, report.message);
  if (key == "check_name") return ReadText(key, value, report.checker_name);
  if (key == "issue_hash_content_of_line_in_context") {
    return ReadText(key, value, report.report_hash);
  }
  if (key == "report-annotation") {
    return ReadAnnotations(value, report.annotations) || PassOverIn(key);
  }
  return extent_ == Extent::kIdentifying || ReadDetail(key, value, report);
}

bool PlistDiagnosticReader::ReadDetail(std::string_view key, PlistNode value, Report& report) {
  if (key == "category") return ReadText(key, value, report.category);
  if (key == "type") return ReadText(key, value, report.type);
  bool read = true;
  if (key == "notes") read = ReadNotes(value, report.bug_path.notes);
  if (key == "macro_expansions")
    read = ReadMacroExpansions(value, report.bug_path.macro_expansions);
  list_ = {};
  return read || PassOverIn(key);
}

bool PlistDiagnosticReader::ReadPath(PlistNode path, BugPath& bug_path) {
  bug_path.positions.clear();
  size_t events = 0;
  const bool read = ForEachItem(path, [&](size_t index, PlistNode item) {
    list_ = "path";
    item_ = index;
    return ReadPathItem(item, bug_path, events) || PassOver();
  });
  bug_path.events.resize(events);
  return read;
}

// Ignores items of other kinds (clang's "pop-up"), which are not steps of the bug path. `events` is
// the number of events so far; further ones belong to a report read before.
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
      return ReadPlace(key, value, event.location);
    }
    if (key == "message") {
      has_message = true;
      return ReadText(key, value, event.message);
    }
    if (extent_ == Extent::kIdentifying) return true;
    if (key == "depth") return ReadNumber(key, value, depth);
    if (key == "ranges") return ReadRanges(value, event.ranges) || PassOverIn(key);
    return true;
  });
  if (!read) return false;
  if (!located) {
    event.location = NoPlace();
    if (!Odd("it has no location")) return false;
  }
  if (!has_message) {
    event.message.clear();
    if (!Odd("it has no message")) return false;
  }
  event.depth = static_cast<int32_t>(std::clamp<int64_t>(depth, std::numeric_limits<int32_t>::min(),
                                                         std::numeric_limits<int32_t>::max()));
  return true;
}

bool PlistDiagnosticReader::ReadNotes(PlistNode notes, std::vector<BugPathEvent>& out) {
  out.clear();
  return ForEachItem(notes, [&](size_t index, PlistNode item) {
    list_ = "notes";
    item_ = index;
    BugPathEvent note;
    if (!ReadEvent(item, note)) return PassOver();
    note.depth = 0;
    // An empty note is dropped, as in CodeChecker.
    if (!note.message.empty()) out.push_back(std::move(note));
    return true;
  });
}

bool PlistDiagnosticReader::ReadMacroExpansions(PlistNode macros,
                                                std::vector<MacroExpansion>& out) {
  out.clear();
  return ForEachItem(macros, [&](size_t index, PlistNode item) {
    list_ = "macro_expansions";
    item_ = index;
    MacroExpansion expansion;
    if (!ReadMacroExpansion(item, expansion)) return PassOver();
    // An expansion to nothing is dropped, as in CodeChecker.
    if (!expansion.expansion.empty()) out.push_back(std::move(expansion));
    return true;
  });
}

bool PlistDiagnosticReader::ReadMacroExpansion(PlistNode macro, MacroExpansion& expansion) {
  bool located = false;
  const bool read = ForEachEntry(macro, [&](std::string_view key, PlistNode value) {
    if (key == "location") {
      located = true;
      return ReadPlace(key, value, expansion.location);
    }
    if (key == "name") return ReadText(key, value, expansion.name);
    if (key == "expansion") return ReadText(key, value, expansion.expansion);
    return true;
  });
  if (!read || located) return read;
  expansion.location = NoPlace();
  return Odd("it has no location");
}

bool PlistDiagnosticReader::ReadAnnotations(PlistNode annotations, std::vector<Annotation>& out) {
  out.clear();
  const bool read = ForEachEntry(annotations, [&](std::string_view key, PlistNode value) {
    if (value.IsDictionary() || value.IsArray()) {
      return Odd(fmt::format("report-annotation: {:.100}: text was expected", key));
    }
    value.ReadText(out.emplace_back(Annotation{.key = std::string(key), .value = {}}).value);
    return true;
  });
  if (out.size() > 1) KeepLast(out);
  return read;
}

// The plist has a path A -> B -> C as the edges A -> B and B -> C. So the start of an edge is a
// position of its own only if it is not the end of the edge before.
bool PlistDiagnosticReader::ReadEdges(PlistNode edges, std::vector<Range>& positions) {
  return ForEachItem(edges, [&](size_t index, PlistNode edge) {
    std::optional<Range> start;
    std::optional<Range> end;
    const bool read = ForEachEntry(edge, [&](std::string_view key, PlistNode value) {
      if (key == "start") return ReadRange(value, start.emplace()) || In(key);
      if (key == "end") return ReadRange(value, end.emplace()) || In(key);
      return true;
    });
    if (!read || !start || !end) {
      if (read) Fail("its start or its end is missing");
      In("edges", index);
      return PassOver();
    }
    if (positions.empty() || positions.back() != *start) positions.push_back(*start);
    positions.push_back(*end);
    return true;
  });
}

bool PlistDiagnosticReader::ReadRanges(PlistNode ranges, std::vector<Range>& out) {
  out.clear();
  return ForEachItem(ranges, [&](size_t index, PlistNode range) {
    if (ReadRange(range, out.emplace_back())) return true;
    out.pop_back();
    In("ranges", index);
    return PassOver();
  });
}

// A range is an array of two locations, its first and its last character. The file is that of the
// last location, as in CodeChecker; in clang's output both have the same file.
bool PlistDiagnosticReader::ReadRange(PlistNode range, Range& out) {
  Location start;
  Location end;
  size_t locations = 0;
  const bool read = ForEachItem(range, [&](size_t index, PlistNode location) {
    ++locations;
    return index > 1 || ReadLocation(location, index == 0 ? start : end);
  });
  if (!read) return false;
  if (locations != 2) return Fail("a range must have two locations");
  out = {.file = end.file,
         .start_line = start.line,
         .start_column = start.column,
         .end_line = end.line,
         .end_column = end.column};
  return true;
}

bool PlistDiagnosticReader::ReadPlace(std::string_view key, PlistNode location, Location& out) {
  if (ReadLocation(location, out)) return true;
  out = NoPlace();
  return PassOverIn(key);
}

bool PlistDiagnosticReader::ReadLocation(PlistNode location, Location& out) {
  std::optional<int64_t> file;
  int64_t line = 0;
  int64_t column = 0;
  const bool read = ForEachEntry(location, [&](std::string_view key, PlistNode value) {
    if (key == "line") return ReadNumber(key, value, line);
    if (key == "col") return ReadNumber(key, value, column);
    if (key == "file") {
      // A number that cannot be read leaves the place without a file.
      file.emplace(-1);
      return ReadNumber(key, value, *file);
    }
    return true;
  });
  if (!read) return false;
  if (!file) return Fail("it does not name a file");
  if (static_cast<uint64_t>(*file) >= file_count_) {  // A negative number becomes a huge one.
    // If there is no file at all, the plist has lost its list of files, not just one reference.
    broken_ = file_count_ == 0;
    return Fail(fmt::format("file {} is out of range; 'files' has {} entries", *file, file_count_));
  }
  out = {.file = static_cast<FileIndex>(*file),
         .line = LineOrColumn(line),
         .column = LineOrColumn(column)};
  return true;
}

bool PlistDiagnosticReader::ReadText(std::string_view key, PlistNode node, std::string& out) {
  if (node.IsDictionary() || node.IsArray()) {
    out.clear();
    return Odd(fmt::format("{}: text was expected", key));
  }
  node.ReadText(out);
  return true;
}

// Reads a number that fits a uint32_t, or any negative one.
bool PlistDiagnosticReader::ReadNumber(std::string_view key, PlistNode node, int64_t& out) {
  if (ParseNumber(node.raw_text(), out)) return true;
  const int64_t otherwise = out;
  std::string scratch;
  const std::string_view text = node.Text(scratch);
  if (ParseNumber(text, out) || ParseOddNumber(text, out)) return true;
  out = otherwise;
  return Odd(fmt::format("{}: '{:.32}' is not a number in range", key, text));
}

}  // namespace stored::reports
