#include "reports/collect/sources/offset_places.h"

#include <optional>
#include <utility>
#include <vector>

#include "reports/sarif/location/region.h"

namespace stored::reports {
namespace {

constexpr size_t kMaxKeptBytes = size_t{128} << 20;

void Put(const Location& start, const std::optional<Range>& range, BugPathEvent& event) {
  event.location = start;
  if (range.has_value()) event.ranges.insert(event.ranges.begin(), *range);
}

// Returns the file that `place` is in.
FileIndex FileOf(const OffsetPlace& place, const Report& report) {
  const BugPath& path = report.bug_path;
  switch (place.in) {
    case OffsetPlace::In::kLocation:
      break;
    case OffsetPlace::In::kEvents:
      return path.events[place.index].location.file;
    case OffsetPlace::In::kPositions:
      return path.positions[place.index].file;
    case OffsetPlace::In::kNotes:
      return path.notes[place.index].location.file;
    case OffsetPlace::In::kFurtherPaths:
      return path.further_paths[place.path][place.index].location.file;
  }
  return report.location.file;
}

}  // namespace

void OffsetPlaces::Put(const OffsetPlace& place, Report& report) {
  const FileIndex file = FileOf(place, report);
  sarif::Region region;
  region.span = place.span;
  sarif::PlaceSpan(TextOf(file), region);
  if (region.start_line == 0) return;
  const Location start = sarif::StartOf(region, file);
  const std::optional<Range> range = sarif::RangeOf(region, file);
  BugPath& path = report.bug_path;
  switch (place.in) {
    case OffsetPlace::In::kLocation:
      report.location = start;
      return;
    case OffsetPlace::In::kEvents:
      return reports::Put(start, range, path.events[place.index]);
    case OffsetPlace::In::kPositions:
      path.positions[place.index] =
          range.value_or(Range{file, start.line, start.column, start.line, start.column});
      return;
    case OffsetPlace::In::kNotes:
      return reports::Put(start, range, path.notes[place.index]);
    case OffsetPlace::In::kFurtherPaths:
      return reports::Put(start, range, path.further_paths[place.path][place.index]);
  }
}

const TextIndex& OffsetPlaces::TextOf(FileIndex file) {
  const auto known = texts_.find(file);
  if (known != texts_.end()) return known->second;
  if (bytes_ > kMaxKeptBytes) {
    texts_.clear();
    bytes_ = 0;
  }
  const TextIndex& text = texts_.try_emplace(file, read_(file)).first->second;
  bytes_ += text.size() + sizeof(TextIndex);
  return text;
}

}  // namespace stored::reports
