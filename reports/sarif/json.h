#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"
#include "reports/limits.h"

// Reading JSON front to back, without a tree of the whole: simdjson's on-demand interface with
// absl::Status, checks of types, and strings as the bytes the tool meant.
namespace stored::reports::sarif {

using JsonObject = simdjson::ondemand::object;
using JsonValue = simdjson::ondemand::value;

// The text of a log and simdjson's index of it. Not safe for concurrent use. A value that it gave
// is read once, before the next one is asked for; an object can be walked again after its reset().
class JsonLog {
 public:
  // Skips a UTF-8 byte order mark. Bytes that are not UTF-8 (which SARIF section 3.1 requires, and
  // tools that quote sources do not always write) are kept, see RestoreBytes.
  // INVALID_ARGUMENT when it is no JSON.
  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(std::string bytes, const Limits& limits);

  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  const Limits& limits() const { return limits_; }
  // Bytes.
  size_t size() const { return bytes_.size(); }

  // The object that the whole log is.
  absl::StatusOr<JsonObject> Root();
  // To be called when the root has been walked: INVALID_ARGUMENT when something follows it.
  absl::Status CheckEnd();
  // How many elements an array has, which can be read afterwards; 0 when it is none.
  static size_t CountElements(JsonValue value);
  // How many bytes of the text have been read so far.
  size_t Position();

  // The text of a string, with escapes replaced: a view into the log, or into `scratch` where it
  // had to be decoded. `what` names the value in the error.
  absl::StatusOr<std::string_view> View(JsonValue value, std::string_view what,
                                        std::string& scratch) const;
  absl::Status Read(JsonValue value, std::string_view what, std::string& out) const;
  // A whole number, also one written as 12.0 or 1.2e1.
  absl::Status Read(JsonValue value, std::string_view what, int64_t& out) const;
  absl::Status Read(JsonValue value, std::string_view what, bool& out) const;
  // Passes over a value of no interest; RESOURCE_EXHAUSTED when it is nested too deep.
  absl::Status Skip(JsonValue value) const;

  // Calls f(key, value) for each field whose value is not null: null is what an absent property
  // defaults to (SARIF section 3.6 ff.). A value that f does not read is passed over, unchecked.
  template <typename F>
  absl::Status ForEachField(JsonObject& object, F&& f) const;
  template <typename F>
  absl::Status ForEachField(JsonValue value, std::string_view what, F&& f) const;
  // Calls f(index, value) for each element.
  template <typename F>
  absl::Status ForEachElement(JsonValue value, std::string_view what, F&& f) const;

 private:
  JsonLog(std::string bytes, const Limits& limits) : bytes_(std::move(bytes)), limits_(limits) {}

  simdjson::error_code Iterate();
  std::string_view RawText(const char* begin) const;
  std::string_view Decode(std::string_view raw, std::string& scratch) const;

  std::string bytes_;
  Limits limits_;
  // Whether ill-formed bytes were replaced before parsing.
  bool replaced_ = false;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// The status for a simdjson error.
absl::Status JsonError(simdjson::error_code error);
// "`what` is not `expected`", or simdjson's own error where it is not about the type.
absl::Status TypeError(simdjson::error_code error, std::string_view what,
                       std::string_view expected);

// Puts a code point of U+10FF80 to U+10FFFF in the place of each byte 0x80 to 0xff that is not part
// of well-formed UTF-8, so that a parser that insists on UTF-8 lets it through.
std::string ReplaceIllFormedBytes(std::string_view text);
// Undoes ReplaceIllFormedBytes.
void RestoreBytes(std::string& text);
// Replaces the escapes of a JSON string (RFC 8259 section 7). Of a surrogate without its other
// half, U+DC80 to U+DCFF becomes a byte (so Python writes a byte that is not UTF-8), any other one
// U+FFFD. `raw` is what stands between the quotes.
std::string Unescape(std::string_view raw);

template <typename F>
absl::Status JsonLog::ForEachField(JsonObject& object, F&& f) const {
  std::string scratch;
  for (auto result : object) {
    if (const auto error = result.error()) return JsonError(error);
    simdjson::ondemand::field field = result.value_unsafe();
    const std::string_view key = Decode(RawText(field.key().raw()), scratch);
    JsonValue value = field.value();
    simdjson::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return JsonError(error);
    if (type == simdjson::ondemand::json_type::null) continue;
    STORED_RETURN_IF_ERROR(f(key, value));
  }
  return absl::OkStatus();
}

template <typename F>
absl::Status JsonLog::ForEachField(JsonValue value, std::string_view what, F&& f) const {
  JsonObject object;
  if (const auto error = value.get_object().get(object)) return TypeError(error, what, "an object");
  return ForEachField(object, std::forward<F>(f));
}

template <typename F>
absl::Status JsonLog::ForEachElement(JsonValue value, std::string_view what, F&& f) const {
  simdjson::ondemand::array array;
  if (const auto error = value.get_array().get(array)) return TypeError(error, what, "an array");
  size_t index = 0;
  for (auto result : array) {
    if (const auto error = result.error()) return JsonError(error);
    STORED_RETURN_IF_ERROR(f(index++, result.value_unsafe()));
  }
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
