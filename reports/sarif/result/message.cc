#include "reports/sarif/result/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace stored::reports::sarif {
namespace {

// Returns the index in the placeholder whose "{" starts `text`, and sets `*length` to its length.
std::optional<size_t> PlaceholderIndex(std::string_view text, size_t* length) {
  uint32_t index = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + 1, end, index);
  if (result.ec != std::errc() || result.ptr == end || *result.ptr != '}') return std::nullopt;
  *length = static_cast<size_t>(result.ptr - text.data()) + 1;
  return index;
}

}  // namespace

absl::Status ReadMessage(const JsonLog& log, JsonValue value, Message& message) {
  if (JsonLog::Is(value, JsonType::string)) {
    log.Warn("message is not an object; its text is taken for the message");
    return log.Read(value, "message", message.text);
  }
  return log.ForEachField(value, "message", [&](std::string_view key, JsonValue field) {
    if (key == "text") return log.Read(field, "message.text", message.text);
    if (key == "id") return log.Read(field, "message.id", message.id);
    if (key == "markdown") return log.Read(field, "message.markdown", message.markdown);
    if (key == "arguments") {
      return log.ForEachElement(field, "message.arguments", [&](size_t, JsonValue element) {
        return log.Read(element, "an element of message.arguments",
                        message.arguments.emplace_back());
      });
    }
    return log.Skip(field);
  });
}

absl::Status ReadMultiformat(const JsonLog& log, JsonValue value, std::string& text) {
  if (JsonLog::Is(value, JsonType::string)) {
    log.Warn("a message string is not an object; it is taken for its text");
    return log.Read(value, "a message string", text);
  }
  std::string markdown;
  STORED_RETURN_IF_ERROR(
      log.ForEachField(value, "a message string", [&](std::string_view key, JsonValue field) {
        if (key == "text") return log.Read(field, "a message string's text", text);
        if (key == "markdown") return log.Read(field, "a message string's markdown", markdown);
        return log.Skip(field);
      }));
  if (text.empty()) text = std::move(markdown);
  return absl::OkStatus();
}

absl::Status ReadMessageStrings(const JsonLog& log, JsonValue value, MessageStrings& strings) {
  return log.ForEachField(value, "messageStrings", [&](std::string_view key, JsonValue field) {
    std::string& text = strings[std::string(key)];
    text.clear();
    return ReadMultiformat(log, field, text);
  });
}

std::optional<FormattedMessage> FormatMessage(std::string_view text,
                                              absl::Span<const std::string> arguments,
                                              size_t max_bytes) {
  FormattedMessage formatted;
  std::string& out = formatted.text;
  for (size_t i = 0; i < text.size() && out.size() <= max_bytes;) {
    const size_t brace = std::min(text.find_first_of("{}", i), text.size());
    out.append(text.substr(i, brace - i));
    i = brace;
    if (i == text.size()) break;
    if (i + 1 < text.size() && text[i + 1] == text[i]) {
      out += text[i];
      i += 2;
      continue;
    }
    size_t length = 1;
    const auto index = text[i] == '{' ? PlaceholderIndex(text.substr(i), &length) : std::nullopt;
    if (index.has_value() && *index < arguments.size()) {
      out += arguments[*index];
    } else {
      if (index.has_value() && !formatted.missing_argument.has_value()) {
        formatted.missing_argument = index;
      }
      out.append(text.substr(i, length));
    }
    i += length;
  }
  if (out.size() > max_bytes) return std::nullopt;
  return formatted;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace stored::reports::sarif
