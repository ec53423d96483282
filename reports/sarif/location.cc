#include "reports/sarif/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/status.h"

namespace stored::reports::sarif {
namespace {

// A line or column. What is below 1 is not known: tools write 0 and -1 for a whole file.
absl::Status ReadPlace(const JsonLog& log, JsonValue value, std::string_view what, uint32_t& out) {
  int64_t number = 0;
  STORED_RETURN_IF_ERROR(log.Read(value, what, number));
  if (number > std::numeric_limits<int32_t>::max()) {
    log.Warn(fmt::format("{} is {}, which no file has; it is left out", what, number));
    return absl::OkStatus();
  }
  out = static_cast<uint32_t>(std::max<int64_t>(number, 0));
  return absl::OkStatus();
}

absl::Status ReadRegion(const JsonLog& log, JsonValue value, Region& region) {
  return log.ForEachField(value, "region", [&](std::string_view key, JsonValue field) {
    if (key == "startLine") return ReadPlace(log, field, key, region.start_line);
    if (key == "startColumn") return ReadPlace(log, field, key, region.start_column);
    if (key == "endLine") return ReadPlace(log, field, key, region.end_line);
    if (key == "endColumn") return ReadPlace(log, field, key, region.end_column);
    if (key == "snippet") {
      return log.ForEachField(field, "snippet", [&](std::string_view name, JsonValue text) {
        return name == "text" ? log.Read(text, "snippet.text", region.snippet) : log.Skip(text);
      });
    }
    return log.Skip(field);
  });
}

absl::Status FindFile(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                      std::optional<FileIndex>& file) {
  std::string uri_scratch;
  std::string base_scratch;
  std::string_view uri;
  std::string_view base;
  int64_t index = -1;
  STORED_RETURN_IF_ERROR(log.ForEachField(
      value, "artifactLocation", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "uri") {
          STORED_ASSIGN_OR_RETURN(uri, log.View(field, "artifactLocation.uri", uri_scratch));
          return absl::OkStatus();
        }
        if (key == "uriBaseId") {
          STORED_ASSIGN_OR_RETURN(base,
                                  log.View(field, "artifactLocation.uriBaseId", base_scratch));
          return absl::OkStatus();
        }
        if (key == "index") return log.Read(field, "artifactLocation.index", index);
        return log.Skip(field);
      }));
  STORED_ASSIGN_OR_RETURN(file, files.Find(uri, base, index));
  return absl::OkStatus();
}

absl::Status ReadLogicalName(const JsonLog& log, JsonValue value, std::string& out) {
  return log.ForEachElement(value, "logicalLocations", [&](size_t index, JsonValue element) {
    if (index > 0) return log.Skip(element);
    std::string name;
    STORED_RETURN_IF_ERROR(log.ForEachField(element, "logicalLocations[0]",
                                            [&](std::string_view key, JsonValue field) {
                                              if (key == "fullyQualifiedName")
                                                return log.Read(field, key, out);
                                              if (key == "name") return log.Read(field, key, name);
                                              return log.Skip(field);
                                            }));
    if (out.empty()) out = std::move(name);
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status ReadLocation(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                          LogLocation& location) {
  return log.ForEachField(value, "a location", [&](std::string_view key, JsonValue field) {
    if (key == "physicalLocation") {
      return log.ForEachField(field, key, [&](std::string_view name, JsonValue part) {
        if (name == "artifactLocation") return FindFile(log, part, files, location.file);
        if (name == "region") return ReadRegion(log, part, location.region);
        return log.Skip(part);
      });
    }
    if (key == "message") return ReadMessage(log, field, location.message);
    if (key == "logicalLocations") return ReadLogicalName(log, field, location.logical_name);
    return log.Skip(field);
  });
}

absl::Status ReadLocations(const JsonLog& log, JsonValue value, std::string_view what,
                           ArtifactFiles& files, std::vector<LogLocation>& locations) {
  return log.ForEachElement(value, what, [&](size_t, JsonValue element) {
    return ReadLocation(log, element, files, locations.emplace_back());
  });
}

Location StartOf(const LogLocation& location, FileIndex file) {
  const Region& region = location.region;
  if (region.start_line == 0) return {file, 0, 0};
  return {file, region.start_line, std::max(region.start_column, 1u)};
}

std::optional<Range> RangeOf(const Region& region, FileIndex file) {
  if (region.start_line == 0 || (region.end_line == 0 && region.end_column == 0)) {
    return std::nullopt;
  }
  Range range;
  range.file = file;
  range.start_line = region.start_line;
  range.start_column = std::max(region.start_column, 1u);
  range.end_line = region.end_line == 0 ? region.start_line : region.end_line;
  if (range.end_line < range.start_line) return std::nullopt;
  if (region.end_column == 0) return range;
  if (range.end_line == range.start_line) {
    // An empty region is an insertion point (section 3.30.2): keep its place.
    range.end_column = std::max(region.end_column - 1, range.start_column);
  } else if (region.end_column == 1) {
    // It ends with the line break before.
    --range.end_line;
  } else {
    range.end_column = region.end_column - 1;
  }
  return range;
}

}  // namespace stored::reports::sarif
