#include "reports/sarif/location/region.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status.h"

namespace stored::reports::sarif {
namespace {

// Reads a line or column. A number below 1 means unknown: tools write 0 and -1 for a whole file.
absl::Status ReadPlace(const JsonLog& log, JsonValue value, std::string_view what, uint32_t& out) {
  int64_t number = 0;
  STORED_RETURN_IF_ERROR(log.Read(value, what, number));
  if (number > std::numeric_limits<int32_t>::max()) {
    log.Warn(fmt::format("{} is {}, more than a file can have; it is left out", what, number));
    return absl::OkStatus();
  }
  out = static_cast<uint32_t>(std::max<int64_t>(number, 0));
  return absl::OkStatus();
}

// Reads an offset or a length. A number below 0 means unknown.
absl::Status ReadCount(const JsonLog& log, JsonValue value, std::string_view what, int64_t& out) {
  return log.Read(value, what, out);
}

std::optional<TextSpan> SpanOf(int64_t offset, int64_t length, TextUnit unit) {
  if (offset < 0) return std::nullopt;
  TextSpan span{.offset = static_cast<uint64_t>(offset), .length = std::nullopt, .unit = unit};
  if (length >= 0) span.length = static_cast<uint64_t>(length);
  return span;
}

}  // namespace

absl::Status ReadRegion(const JsonLog& log, JsonValue value, Region& region,
                        std::optional<Message>& message) {
  int64_t char_offset = -1;
  int64_t char_length = -1;
  int64_t byte_offset = -1;
  int64_t byte_length = -1;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "region", [&](std::string_view key, JsonValue field) {
        if (key == "startLine") return ReadPlace(log, field, key, region.start_line);
        if (key == "startColumn") return ReadPlace(log, field, key, region.start_column);
        if (key == "endLine") return ReadPlace(log, field, key, region.end_line);
        if (key == "endColumn") return ReadPlace(log, field, key, region.end_column);
        if (key == "charOffset") return ReadCount(log, field, key, char_offset);
        if (key == "charLength") return ReadCount(log, field, key, char_length);
        if (key == "byteOffset") return ReadCount(log, field, key, byte_offset);
        if (key == "byteLength") return ReadCount(log, field, key, byte_length);
        if (key == "message") return ReadMessage(log, field, message.emplace());
        if (key == "snippet") {
          return log.ForEachField(field, "snippet", [&](std::string_view name, JsonValue text) {
            return name == "text" ? log.Read(text, "snippet.text", region.snippet) : log.Skip(text);
          });
        }
        return log.Skip(field);
      }));
  if (region.start_line > 0) return absl::OkStatus();
  region.span = SpanOf(char_offset, char_length, TextUnit::kUtf16CodeUnit);
  if (!region.span.has_value()) region.span = SpanOf(byte_offset, byte_length, TextUnit::kByte);
  return absl::OkStatus();
}

absl::Status ReadContextRegion(const JsonLog& log, JsonValue value, Region& context) {
  // Nearly all contexts have a line and texts that are not needed here, so they are only inspected.
  if (!JsonLog::Is(value, JsonType::object)) return log.Skip(value);
  JsonObject object;
  if (const auto error = value.get_object().get(object)) return JsonError(error);
  bool has_offset = false;
  STORED_RETURN_IF_ERROR(log.ForEachField(object, [&](std::string_view key, JsonValue field) {
    has_offset |= key == "charOffset" || key == "byteOffset";
    return log.Skip(field);
  }));
  if (!has_offset) return absl::OkStatus();
  if (const auto error = object.reset().error()) return JsonError(error);
  int64_t char_offset = -1;
  int64_t byte_offset = -1;
  STORED_RETURN_IF_ERROR(log.ForEachField(object, [&](std::string_view key, JsonValue field) {
    if (key == "startLine") return ReadPlace(log, field, key, context.start_line);
    if (key == "startColumn") return ReadPlace(log, field, key, context.start_column);
    if (key == "charOffset") return ReadCount(log, field, key, char_offset);
    if (key == "byteOffset") return ReadCount(log, field, key, byte_offset);
    if (key != "snippet") return log.Skip(field);
    return log.ForEachField(field, "snippet", [&](std::string_view name, JsonValue text) {
      return name == "text" ? log.Read(text, "snippet.text", context.snippet) : log.Skip(text);
    });
  }));
  context.span = SpanOf(char_offset, -1, TextUnit::kUtf16CodeUnit);
  if (!context.span.has_value()) context.span = SpanOf(byte_offset, -1, TextUnit::kByte);
  return absl::OkStatus();
}

void PlaceSpan(const TextIndex& text, Region& region) {
  const TextSpan& span = *region.span;
  const auto start = text.Find(span.offset, span.unit, span.column_unit);
  if (!start.has_value()) return;
  region.start_line = start->line;
  region.start_column = start->column;
  if (!span.length.has_value()) return;
  // If the sum overflows, the end is before the start and is not used.
  const auto end = text.Find(span.offset + *span.length, span.unit, span.column_unit);
  if (!end.has_value() || span.offset + *span.length < span.offset) return;
  region.end_line = end->line;
  region.end_column = end->column;
}

void PlaceSpanInContext(const Region& context, Region& region) {
  if (!context.span.has_value() || context.snippet.empty()) return;
  const TextSpan& around = *context.span;
  // A context without a line is usable only if it is the beginning of the text.
  if (context.start_line == 0 && around.offset > 0) return;
  if (around.unit != region.span->unit || around.offset > region.span->offset) return;
  Region found;
  found.span = region.span;
  found.span->offset -= around.offset;
  PlaceSpan(TextIndex(context.snippet), found);
  if (found.start_line == 0) return;
  const uint32_t line = std::max(context.start_line, 1u) - 1;
  const uint32_t column = std::max(context.start_column, 1u) - 1;
  // The sum of two such numbers does not overflow; a number that no file can have is refused.
  constexpr uint32_t kMost = std::numeric_limits<int32_t>::max();
  const auto move = [line, column](uint32_t& to_line, uint32_t& to_column) {
    if (to_line == 0) return true;
    if (to_line == 1) to_column += column;
    to_line += line;
    return to_line <= kMost && to_column <= kMost;
  };
  if (!move(found.start_line, found.start_column)) return;
  if (!move(found.end_line, found.end_column)) return;
  region.start_line = found.start_line;
  region.start_column = found.start_column;
  region.end_line = found.end_line;
  region.end_column = found.end_column;
}

Location StartOf(const Region& region, FileIndex file) {
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
    // An empty region is an insertion point (section 3.30.2); its place is kept.
    range.end_column = std::max(region.end_column - 1, range.start_column);
  } else if (region.end_column == 1) {
    // The region ends with the line break of the line before.
    --range.end_line;
  } else {
    range.end_column = region.end_column - 1;
  }
  return range;
}

}  // namespace stored::reports::sarif
