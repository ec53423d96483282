#include "reports/sarif/location/location.h"

#include <string_view>
#include <utility>

#include "base/status.h"

namespace stored::reports::sarif {
namespace {

absl::Status FindFile(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                      LogLocation& location) {
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
        if (key == "description") return ReadMultiformat(log, field, location.other_name);
        return log.Skip(field);
      }));
  STORED_ASSIGN_OR_RETURN(location.file, files.Find(uri, base, index));
  if (!location.file.has_value() && location.other_name.empty()) {
    STORED_ASSIGN_OR_RETURN(location.other_name, files.NameOf(base, index));
  }
  return absl::OkStatus();
}

// Converts a region's span to lines and columns if the log quotes the text around it. Otherwise the
// span remains, to be converted with the file's text.
absl::Status ReadPhysicalLocation(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                                  LogLocation& location) {
  Region context;
  std::optional<Message> message;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "physicalLocation", [&](std::string_view name, JsonValue part) {
        if (name == "artifactLocation") return FindFile(log, part, files, location);
        if (name == "region") return ReadRegion(log, part, location.region, message);
        if (name == "contextRegion") return ReadContextRegion(log, part, context);
        return log.Skip(part);
      }));
  Region& region = location.region;
  if (region.span.has_value()) {
    files.SetUnits(*region.span);
    PlaceSpanInContext(context, region);
  }
  if (message.has_value() && !message->empty()) {
    location.notes.push_back({region, *std::move(message)});
    location.notes.back().region.snippet.clear();
  }
  return absl::OkStatus();
}

absl::Status ReadAnnotations(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                             std::vector<LocationNote>& notes) {
  return log.ForEachElement(value, "annotations", [&](size_t, JsonValue element) -> absl::Status {
    LocationNote& note = notes.emplace_back();
    std::optional<Message> message;
    STORED_RETURN_IF_ERROR(ReadRegion(log, element, note.region, message));
    if (note.region.span.has_value()) files.SetUnits(*note.region.span);
    if (message.has_value()) note.message = *std::move(message);
    note.region.snippet.clear();
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status ReadLocation(const JsonLog& log, JsonValue value, ArtifactFiles& files,
                          LogLocation& location) {
  return log.ForEachField(value, "a location", [&](std::string_view key, JsonValue field) {
    if (key == "physicalLocation") return ReadPhysicalLocation(log, field, files, location);
    if (key == "message") return ReadMessage(log, field, location.message);
    if (key == "logicalLocations") {
      return ReadLogicalLocations(log, field, location.logical_locations);
    }
    if (key == "annotations") return ReadAnnotations(log, field, files, location.notes);
    return log.Skip(field);
  });
}

absl::Status ReadLocations(const JsonLog& log, JsonValue value, std::string_view what,
                           ArtifactFiles& files, std::vector<LogLocation>& locations) {
  return log.ForEachElement(value, what, [&](size_t, JsonValue element) {
    return ReadLocation(log, element, files, locations.emplace_back());
  });
}

}  // namespace stored::reports::sarif
