#include "reports/sarif/json/json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/numbers.h"
#include "reports/sarif/json/json_string.h"

namespace stored::reports::sarif {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The payload of a status that says that the JSON is malformed.
constexpr char kMalformed[] = "stored.reports.sarif.MalformedJson";

absl::Status MalformedError(std::string_view why) {
  absl::Status status = absl::InvalidArgumentError(fmt::format("not well-formed JSON: {}", why));
  status.SetPayload(kMalformed, absl::Cord());
  return status;
}

bool LooksLikeUtf16(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const std::string_view head = bytes.substr(0, 2);
  return head == "\xff\xfe" || head == "\xfe\xff" || head == std::string_view("{\0", 2) ||
         head == std::string_view("\0{", 2);
}

// Returns the offset of the bracket in well-formed `json` at which arrays and objects begin to nest
// more than `limit` deep, or npos if they do not.
size_t FindNestedDeeper(std::string_view json, uint32_t limit) {
  uint32_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return i;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

std::string_view WithoutTrailingSpace(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace

absl::Status JsonError(simdjson::error_code error) {
  const char* const message = simdjson::error_message(error);
  if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY) {
    return absl::ResourceExhaustedError(message);
  }
  return MalformedError(message);
}

absl::StatusOr<std::unique_ptr<JsonLog>> JsonLog::Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings) {
  return Open(std::move(bytes), limits, warnings, Origin());
}

absl::StatusOr<std::unique_ptr<JsonLog>> JsonLog::OpenObject(JsonObject& object) const {
  std::string_view raw;
  if (const auto error = object.raw_json().get(raw)) return JsonError(error);
  std::string bytes(raw);
  if (replaced_) RestoreBytes(bytes);
  return Open(std::move(bytes), limits_, warnings_, Origin{this, raw});
}

absl::StatusOr<std::unique_ptr<JsonLog>> JsonLog::Open(std::string bytes, const Limits& limits,
                                                       Warnings& warnings, Origin origin) {
  if (bytes.size() > limits.max_result_file_bytes) {
    return absl::ResourceExhaustedError(
        fmt::format("{} bytes; at most {} are read", bytes.size(), limits.max_result_file_bytes));
  }
  if (LooksLikeUtf16(bytes)) {
    return absl::InvalidArgumentError(
        "the text is UTF-16; a SARIF log is UTF-8 (SARIF section 3.1): convert it first");
  }
  std::unique_ptr<JsonLog> log(new JsonLog(std::move(bytes), limits, warnings, origin));
  simdjson::error_code error = log->Iterate();
  if (error == simdjson::UTF8_ERROR) {
    log->bytes_ = ReplaceIllFormedBytes(log->bytes_);
    log->replaced_ = true;
    error = log->Iterate();
  }
  if (error) return log->Locate(JsonError(error));
  return log;
}

bool JsonLog::Contains(std::string_view text) const {
  // memmem is twice as fast as std::string_view::find() if the first letter is a frequent one.
  return memmem(bytes_.data(), bytes_.size(), text.data(), text.size()) != nullptr;
}

std::string_view JsonLog::text() const {
  std::string_view text = bytes_;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

simdjson::error_code JsonLog::Iterate() {
  bytes_.reserve(bytes_.size() + simdjson::SIMDJSON_PADDING);
  const size_t skipped = bytes_.size() - text().size();
  const simdjson::padded_string_view padded(bytes_.data() + skipped, bytes_.size() - skipped,
                                            bytes_.capacity() - skipped);
  return parser_.iterate(padded).get(document_);
}

absl::StatusOr<JsonObject> JsonLog::Root() {
  document_.rewind();
  JsonType type{};
  if (const auto error = document_.type().get(type)) return JsonError(error);
  if (type != JsonType::object) {
    // The parser has only looked at the first letter.
    constexpr uint32_t kAnyDepth = std::numeric_limits<uint32_t>::max();
    if (FindJsonFault(text(), kAnyDepth).has_value()) return MalformedError("a fault in its text");
    return absl::InvalidArgumentError("the log is not a JSON object");
  }
  JsonObject root;
  if (const auto error = document_.get_object().get(root)) return JsonError(error);
  return root;
}

absl::Status JsonLog::CheckEnd() {
  const char* location = nullptr;
  const auto error = document_.current_location().get(location);
  if (error == simdjson::OUT_OF_BOUNDS) return absl::OkStatus();
  if (error) return JsonError(error);
  return MalformedError("something follows the end of the log's JSON object");
}

size_t JsonLog::Position() {
  const char* location = nullptr;
  if (document_.current_location().get(location)) return bytes_.size();
  return static_cast<size_t>(location - bytes_.data());
}

TextPlace JsonLog::PlaceOf(std::string_view piece) const {
  TextPlace place = PlaceIn(text(), static_cast<size_t>(piece.data() - text().data()));
  if (origin_.log == nullptr) return place;
  const TextPlace begin = origin_.log->PlaceOf(origin_.text);
  if (place.line == 1) place.column += begin.column - 1;
  place.line += begin.line - 1;
  return place;
}

absl::Status JsonLog::Locate(absl::Status status) const {
  if (!status.GetPayload(kMalformed).has_value()) return status;
  // The depth that simdjson itself supports.
  constexpr uint32_t kMaxDepth = simdjson::DEFAULT_MAX_DEPTH;
  const std::optional<JsonFault> fault = FindJsonFault(text(), kMaxDepth);
  if (!fault.has_value()) return status;
  return absl::InvalidArgumentError(fmt::format("not well-formed JSON: {}: {}",
                                                ToString(PlaceOf(text().substr(fault->offset))),
                                                fault->what));
}

size_t JsonLog::CountElements(JsonValue value) {
  size_t count = 0;
  return value.count_elements().get(count) ? 0 : count;
}

std::string_view JsonLog::RawString(const char* begin) const {
  // The parser's index guarantees that every string has an end quote.
  const char* const end = bytes_.data() + bytes_.size();
  const char* quote = begin;
  while (true) {
    quote = static_cast<const char*>(std::memchr(quote, '"', static_cast<size_t>(end - quote)));
    if (quote == nullptr) return {begin, static_cast<size_t>(end - begin)};
    const char* backslash = quote;
    while (backslash > begin && backslash[-1] == '\\') --backslash;
    if ((quote - backslash) % 2 == 0) return {begin, static_cast<size_t>(quote - begin)};
    ++quote;
  }
}

absl::StatusOr<std::string_view> JsonLog::Decode(std::string_view raw, std::string& scratch) const {
  const bool escaped = std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  if (!escaped && !replaced_) return raw;
  scratch.assign(raw);
  // Bytes are restored first: an escape that spells a stand-in means that character.
  if (replaced_) RestoreBytes(scratch);
  if (!escaped) return scratch;
  std::optional<std::string> text = Unescape(scratch);
  if (!text.has_value()) return MalformedError("a backslash in a string does not begin an escape");
  scratch = *std::move(text);
  return scratch;
}

bool JsonLog::Is(JsonValue value, JsonType type) {
  JsonType actual{};
  return !value.type().get(actual) && actual == type;
}

absl::StatusOr<std::string_view> JsonLog::Spelling(JsonValue value) {
  const std::string_view spelling = WithoutTrailingSpace(value.raw_json_token());
  if (spelling == "null") return spelling;
  if (FindJsonFault(spelling, 1).has_value()) return MalformedError("a value is not a JSON value");
  return spelling;
}

absl::Status JsonLog::WarnOdd(JsonValue value, std::string_view what,
                              std::string_view expected) const {
  JsonType type{};
  if (const auto error = value.type().get(type)) return JsonError(error);
  if (type == JsonType::number || type == JsonType::boolean || type == JsonType::null) {
    STORED_RETURN_IF_ERROR(Spelling(value).status());
  }
  Warn(fmt::format("{} is not {}; it is left out", what, expected));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string_view>> JsonLog::Text(JsonValue value,
                                                              std::string_view what,
                                                              std::string& scratch) const {
  simdjson::ondemand::raw_json_string raw;
  if (!value.get_raw_json_string().get(raw)) {
    STORED_ASSIGN_OR_RETURN(const std::string_view text, Decode(RawString(raw.raw()), scratch));
    return text;
  }
  if (!Is(value, JsonType::number) && !Is(value, JsonType::boolean)) {
    STORED_RETURN_IF_ERROR(WarnOdd(value, what, "a string"));
    return std::nullopt;
  }
  STORED_ASSIGN_OR_RETURN(const std::string_view spelling, Spelling(value));
  Warn(fmt::format("{} is not a string; it is read as \"{}\"", what, spelling.substr(0, 100)));
  return spelling;
}

absl::StatusOr<std::string_view> JsonLog::View(JsonValue value, std::string_view what,
                                               std::string& scratch) const {
  STORED_ASSIGN_OR_RETURN(const std::optional<std::string_view> text, Text(value, what, scratch));
  return text.value_or("");
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, std::string& out) const {
  // The fast path: most strings have neither escapes nor replaced bytes.
  simdjson::ondemand::raw_json_string raw;
  if (!replaced_ && !value.get_raw_json_string().get(raw)) {
    const std::string_view text = RawString(raw.raw());
    if (std::memchr(text.data(), '\\', text.size()) == nullptr) {
      out.assign(text);
      return absl::OkStatus();
    }
    STORED_ASSIGN_OR_RETURN(const std::string_view decoded, Decode(text, out));
    if (decoded.data() != out.data()) out.assign(decoded);
    return absl::OkStatus();
  }
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const std::optional<std::string_view> text, Text(value, what, scratch));
  if (text.has_value()) out.assign(*text);
  return absl::OkStatus();
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, int64_t& out) const {
  if (!value.get_int64().get(out)) return absl::OkStatus();
  double number = 0;
  if (value.get_double().get(number)) {
    if (!Is(value, JsonType::string)) return WarnOdd(value, what, "a number");
    std::string scratch;
    STORED_ASSIGN_OR_RETURN(const std::string_view text, View(value, what, scratch));
    int64_t written = 0;
    if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &written)) {
      Warn(fmt::format("{} is not a number; it is left out", what));
      return absl::OkStatus();
    }
    Warn(fmt::format("{} is a string; it is read as {}", what, written));
    out = written;
    return absl::OkStatus();
  }
  // A double can represent every integer up to 2^53.
  constexpr double kLargest = 9007199254740992.0;
  if (number != std::trunc(number) || std::abs(number) > kLargest) {
    Warn(fmt::format("{} is {}, not a whole number in range; it is left out", what, number));
    return absl::OkStatus();
  }
  out = static_cast<int64_t>(number);
  return absl::OkStatus();
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, bool& out) const {
  if (!value.get_bool().get(out)) return absl::OkStatus();
  return WarnOdd(value, what, "true or false");
}

absl::Status JsonLog::Skip(JsonValue value) const {
  JsonType type{};
  if (const auto error = value.type().get(type)) return JsonError(error);
  std::string_view raw;
  simdjson::error_code error = simdjson::SUCCESS;
  if (type == JsonType::object) {
    JsonObject object;
    error = value.get_object().get(object);
    if (!error) error = object.raw_json().get(raw);
  } else if (type == JsonType::array) {
    simdjson::ondemand::array array;
    error = value.get_array().get(array);
    if (!error) error = array.raw_json().get(raw);
  }
  if (error) return JsonError(error);
  // Each level takes two bytes, so that a short value cannot be nested too deep.
  if (raw.size() / 2 < limits_.max_json_depth) return absl::OkStatus();
  const size_t deeper = FindNestedDeeper(raw, limits_.max_json_depth - 1);
  if (deeper == std::string_view::npos) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("{}: arrays and objects are nested more than {} deep",
                  ToString(PlaceOf(raw.substr(deeper))), limits_.max_json_depth));
}

}  // namespace stored::reports::sarif
