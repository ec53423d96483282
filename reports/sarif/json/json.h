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

// Reading JSON front to back, without a tree of the whole: simdjson's on-demand interface with
// absl::Status, checks of types, and strings as the bytes the tool meant.
namespace stored::reports::sarif {

using JsonObject = simdjson::ondemand::object;
using JsonType = simdjson::ondemand::json_type;
using JsonValue = simdjson::ondemand::value;

// The text of a log and simdjson's index of it. Not safe for concurrent use. A value that it gave
// is read once, before the next one is asked for; an object can be walked again after its reset().
//
// A value of a type that its property does not have is left out with a warning: a tool that gets
// one property wrong has still found what it found. Errors are malformed JSON and limits. Where
// going on without the value would store something untrue, the caller looks at Is() first.
class JsonLog {
 public:
  // Skips a UTF-8 byte order mark. Bytes that are not UTF-8 (which SARIF section 3.1 requires, and
  // tools that quote sources do not always write) are kept, see RestoreBytes. `warnings` outlives
  // the log. INVALID_ARGUMENT when it is no JSON.
  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings);
  // A log of its own of a whole object in this one, which outlives it.
  absl::StatusOr<std::unique_ptr<JsonLog>> OpenObject(JsonObject& object) const;

  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  const Limits& limits() const { return limits_; }
  // Bytes.
  size_t size() const { return bytes_.size(); }
  // May find what stands in no escape in the log alone.
  bool Contains(std::string_view text) const;

  // The object that the whole log is, from its start.
  absl::StatusOr<JsonObject> Root();
  // To be called when the root has been walked: INVALID_ARGUMENT when something follows it.
  absl::Status CheckEnd();
  // How many elements an array has, which can be read afterwards; 0 when it is none.
  static size_t CountElements(JsonValue value);
  // How many bytes of the text have been read so far.
  size_t Position();
  // `status`, with line and column where it says that the JSON is malformed.
  absl::Status Locate(absl::Status status) const;

  // Returns whether `value` has this type. False for what is no JSON.
  static bool Is(JsonValue value, JsonType type);
  // The text of a string, with escapes replaced: a view into the log, or into `scratch` where it
  // had to be decoded. Of a number or a boolean, its spelling, with a warning. Nothing for any
  // other value, with a warning too. `what` names the value there.
  absl::StatusOr<std::optional<std::string_view>> Text(JsonValue value, std::string_view what,
                                                       std::string& scratch) const;
  // The same; empty where that is nothing.
  absl::StatusOr<std::string_view> View(JsonValue value, std::string_view what,
                                        std::string& scratch) const;
  // Each leaves `out` as it is where the value has another type.
  absl::Status Read(JsonValue value, std::string_view what, std::string& out) const;
  // A whole number, also one written as 12.0, 1.2e1 or, with a warning, "12".
  absl::Status Read(JsonValue value, std::string_view what, int64_t& out) const;
  absl::Status Read(JsonValue value, std::string_view what, bool& out) const;
  // Passes over a value of no interest; RESOURCE_EXHAUSTED when it is nested too deep.
  absl::Status Skip(JsonValue value) const;

  // Says that something about the value that is being read costs no more than itself.
  void Warn(std::string_view warning) const { warnings_.AddOneOfMany(warning); }
  Warnings& warnings() const { return warnings_; }

  // Calls f(key, value) for each field whose value is not null: null is what an absent property
  // defaults to (SARIF section 3.6 ff.). A value that f does not read is passed over, unchecked.
  // With `kNulls`, for those too whose value is null.
  template <bool kNulls = false, typename F>
  absl::Status ForEachField(JsonObject& object, F&& f) const;
  template <typename F>
  absl::Status ForEachField(JsonValue value, std::string_view what, F&& f) const;
  // Calls f(index, value) for each element.
  template <typename F>
  absl::Status ForEachElement(JsonValue value, std::string_view what, F&& f) const;

 private:
  // The text of another log that a log was made of.
  struct Origin {
    const JsonLog* log = nullptr;
    std::string_view text;
  };

  JsonLog(std::string bytes, const Limits& limits, Warnings& warnings, Origin origin)
      : bytes_(std::move(bytes)), limits_(limits), warnings_(warnings), origin_(origin) {}

  static absl::StatusOr<std::unique_ptr<JsonLog>> Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings, Origin origin);
  simdjson::error_code Iterate();
  // Where in the file a piece of the text begins.
  TextPlace PlaceOf(std::string_view piece) const;
  // Without the byte order mark.
  std::string_view text() const;
  // What stands between the quotes of a key, whose first one `begin` is after. Unlike RawString()
  // it suits short texts. Clears `plain` when there is a backslash in it.
  static std::string_view RawKey(const char* begin, bool& plain);
  // From after a string's first quote to before its last.
  std::string_view RawString(const char* begin) const;
  absl::StatusOr<std::string_view> Decode(std::string_view raw, std::string& scratch) const;
  // Warns that `value` is not `expected`. An error when it is not even JSON.
  absl::Status WarnOdd(JsonValue value, std::string_view what, std::string_view expected) const;
  // A scalar's spelling; an error when it is not JSON.
  static absl::StatusOr<std::string_view> Spelling(JsonValue value);

  std::string bytes_;
  Limits limits_;
  Warnings& warnings_;
  Origin origin_;
  // Whether ill-formed bytes were replaced before parsing.
  bool replaced_ = false;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

inline std::string_view JsonLog::RawKey(const char* begin, bool& plain) {
  // The parser's index has an end quote for every string.
  const char* end = begin;
  for (; *end != '"'; ++end) {
    if (*end != '\\') continue;
    plain = false;
    ++end;
  }
  return {begin, static_cast<size_t>(end - begin)};
}

// The status for a simdjson error, which JsonLog::Locate() can tell from others.
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
      // Nothing else would look at more than its first letter.
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
