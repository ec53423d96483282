#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "reports/sarif/json/json.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {

// A message object (SARIF section 3.11) as the log has it.
struct Message {
  std::string text;
  std::string markdown;
  std::string id;
  std::vector<std::string> arguments;

  bool empty() const { return text.empty() && markdown.empty() && id.empty(); }
};

// Message strings by their id (sections 3.49.11 and 3.19.22).
using MessageStrings = StringMap<std::string>;

// Reads a message. If the value is a string, takes it as the message's text, with a warning.
absl::Status ReadMessage(const JsonLog& log, JsonValue value, Message& message);
// Reads a multiformatMessageString (section 3.12): its plain text, or else its Markdown.
absl::Status ReadMultiformat(const JsonLog& log, JsonValue value, std::string& text);
absl::Status ReadMessageStrings(const JsonLog& log, JsonValue value, MessageStrings& strings);

// The result of FormatMessage().
struct FormattedMessage {
  std::string text;
  // The number of the first placeholder without an argument.
  std::optional<size_t> missing_argument;
};

// Returns `text` with {0}, {1}, ... replaced by `arguments`, {{ by { and }} by } (section 3.11.5).
// Keeps a brace that is neither doubled nor part of a placeholder, and a placeholder whose argument
// is missing. Returns nothing if the result would be longer than `max_bytes`.
std::optional<FormattedMessage> FormatMessage(std::string_view text,
                                              absl::Span<const std::string> arguments,
                                              size_t max_bytes);

// Returns true if a text has only white space.
bool IsBlank(std::string_view text);

}  // namespace stored::reports::sarif
