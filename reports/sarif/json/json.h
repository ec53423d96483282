#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"
#include "base/text/json_fault.h"
#include "reports/limits.h"
#include "reports/sarif/json/place.h"
#include "reports/sarif/json/warnings.h"

// Reads JSON front to back, without building a tree of it: simdjson's on-demand interface with
// absl::Status, type checks, and strings as the bytes the tool meant.
namespace stored::reports::sarif {

using JsonObject = simdjson::ondemand::object;
using JsonType = simdjson::ondemand::json_type;
using JsonValue = simdjson::ondemand::value;

// The text of a log and simdjson's index of it. Not safe for concurrent use. A value must be read
// once, and before the next value is requested; an object can be walked again after its reset().
//
// A value whose type does not fit its property is left out with a warning, because one wrong
// property does not make a tool's findings wrong. Errors are malformed JSON and exceeded limits. If
// a missing value would make the stored report untrue, the caller checks Is() first.
class JsonLog {
 public:
  // Opens a log; skips a UTF-8 byte order mark. Bytes that are not UTF-8 (which SARIF section 3.1
  // requires, and tools that quote sources do not always write) are kept, see RestoreBytes.
  // `warnings` must outlive the log. INVALID_ARGUMENT if `bytes` are not JSON.
  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings);
  // Opens a whole object of this log as a log of its own. This log must outlive it.
  absl::StatusOr<std::unique_ptr<JsonLog>> OpenObject(JsonObject& object) const;

  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  const Limits& limits() const { return limits_; }
  // Returns the size in bytes.
  size_t size() const { return bytes_.size(); }
  // Returns true if `text` occurs in the log's bytes. Text that is written with escapes is not
  // found.
  bool Contains(std::string_view text) const;

  // Returns the object that the whole log is, from its start.
  absl::StatusOr<JsonObject> Root();
  // Returns INVALID_ARGUMENT if something follows the root. REQUIRES: the root has been walked.
  absl::Status CheckEnd();
  // Returns the number of elements of an array, which can still be read afterwards; 0 if `value` is
  // not an array.
  static size_t CountElements(JsonValue value);
  // Returns the number of bytes that have been read so far.
  size_t Position();
  // Returns `status`, with line and column added if it says that the JSON is malformed.
  absl::Status Locate(absl::Status status) const;

  // Returns true if `value` has this type; false if it has another one or is not JSON.
  static bool Is(JsonValue value, JsonType type);
  // Returns the text of a string with escapes replaced: a view into the log, or into `scratch` if
  // the text had to be decoded. For a number or a boolean, returns its spelling, with a warning.
  // For any other value, returns nothing, with a warning. `what` names the value in warnings.
  absl::StatusOr<std::optional<std::string_view>> Text(JsonValue value, std::string_view what,
                                                       std::string& scratch) const;
  // Same as Text(), but returns "" for nothing.
  absl::StatusOr<std::string_view> View(JsonValue value, std::string_view what,
                                        std::string& scratch) const;
  // These leave `out` unchanged if the value has another type.
  absl::Status Read(JsonValue value, std::string_view what, std::string& out) const;
  // Reads a whole number; it may be written as 12.0, 1.2e1 or, with a warning, "12".
  absl::Status Read(JsonValue value, std::string_view what, int64_t& out) const;
  absl::Status Read(JsonValue value, std::string_view what, bool& out) const;
  // Skips a value. RESOURCE_EXHAUSTED if it is nested too deep.
  absl::Status Skip(JsonValue value) const;

  // Adds a warning about the value that is being read.
  void Warn(std::string_view warning) const { warnings_.AddOneOfMany(warning); }
  Warnings& warnings() const { return warnings_; }

  // Calls f(key, value) for each field whose value is not null: null is the default of an absent
  // property (SARIF section 3.6 ff.). A value that f does not read is skipped unchecked. With
  // `kNulls`, also calls f for fields whose value is null.
  template <bool kNulls = false, typename F>
  absl::Status ForEachField(JsonObject& object, F&& f) const;
  template <typename F>
  absl::Status ForEachField(JsonValue value, std::string_view what, F&& f) const;
  // Calls f(index, value) for each element.
  template <typename F>
  absl::Status ForEachElement(JsonValue value, std::string_view what, F&& f) const;

 private:
  // The text of the log that an OpenObject() log was made from.
  struct Origin {
    const JsonLog* log = nullptr;
    std::string_view text;
  };

  JsonLog(std::string bytes, const Limits& limits, Warnings& warnings, Origin origin)
      : bytes_(std::move(bytes)), limits_(limits), warnings_(warnings), origin_(origin) {}

  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings, Origin origin);
  simdjson::error_code Iterate();
  // Returns the place in the file at which a piece of the text begins.
  TextPlace PlaceOf(std::string_view piece) const;
  // Returns the text without the byte order mark.
  std::string_view text() const;
  // Returns the text between the quotes of a key; `begin` is after the first one. Faster than
  // RawString() for short texts. Clears `plain` if the key has a backslash.
  static std::string_view RawKey(const char* begin, bool& plain);
  // Returns the text from `begin`, after a string's first quote, to its last quote.
  std::string_view RawString(const char* begin) const;
  absl::StatusOr<std::string_view> Decode(std::string_view raw, std::string& scratch) const;
  // Warns that `value` is not `expected`. Returns an error if it is not even JSON.
  absl::Status WarnOdd(JsonValue value, std::string_view what, std::string_view expected) const;
  // Returns the spelling of a scalar, or an error if it is not JSON.
  static absl::StatusOr<std::string_view> Spelling(JsonValue value);

  std::string bytes_;
  Limits limits_;
  Warnings& warnings_;
  Origin origin_;
  // True if ill-formed bytes were replaced before parsing.
  bool replaced_ = false;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

inline std::string_view JsonLog::RawKey(const char* begin, bool& plain) {
  // The parser's index guarantees that every string has an end quote.
  const char* end = begin;
  for (; *end != '"'; ++end) {
    if (*end != '\\') continue;
    plain = false;
    ++end;
  }
  return {begin, static_cast<size_t>(end - begin)};
}

// Returns the status for a simdjson error. JsonLog::Locate() recognizes it.
absl::Status JsonError(simdjson::error_code error);

template <bool kNulls, typename F>
absl::Status JsonLog::ForEachField(JsonObject& object, F&& f) const {
  std::string scratch;
  Place::Walk walk(warnings_.place());
  for (auto result : object) {
    if (const auto error = result.error()) return JsonError(error);
    simdjson::ondemand::field field = result.value_unsafe();
    bool plain = !replaced_;
    std::string_view key = RawKey(field.key().raw(), plain);
    if (!plain) {
      STORED_ASSIGN_OR_RETURN(key, Decode(key, scratch));
    }
    JsonValue value = field.value();
    JsonType type{};
    if (const auto error = value.type().get(type)) return JsonError(error);
    if (type == JsonType::null) {
      // Checks the spelling, because the parser has only looked at the first letter.
      STORED_RETURN_IF_ERROR(Spelling(value).status());
      if (!kNulls) continue;
    }
    walk.At(key);
    STORED_RETURN_IF_ERROR(f(key, value));
  }
  return absl::OkStatus();
}

template <typename F>
absl::Status JsonLog::ForEachField(JsonValue value, std::string_view what, F&& f) const {
  JsonObject object;
  if (const auto error = value.get_object().get(object)) {
    return error == simdjson::INCORRECT_TYPE ? WarnOdd(value, what, "an object") : JsonError(error);
  }
  return ForEachField(object, std::forward<F>(f));
}

template <typename F>
absl::Status JsonLog::ForEachElement(JsonValue value, std::string_view what, F&& f) const {
  simdjson::ondemand::array array;
  if (const auto error = value.get_array().get(array)) {
    return error == simdjson::INCORRECT_TYPE ? WarnOdd(value, what, "an array") : JsonError(error);
  }
  Place::Walk walk(warnings_.place());
  size_t index = 0;
  for (auto result : array) {
    if (const auto error = result.error()) return JsonError(error);
    walk.At(index);
    STORED_RETURN_IF_ERROR(f(index++, result.value_unsafe()));
  }
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
