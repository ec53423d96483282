#include "reports/sarif/json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace stored::reports::sarif {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool LooksLikeUtf16(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const std::string_view head = bytes.substr(0, 2);
  return head == "\xff\xfe" || head == "\xfe\xff" || head == std::string_view("{\0", 2) ||
         head == std::string_view("\0{", 2);
}

// Length of the well-formed UTF-8 sequence at `at` (RFC 3629), 0 when there is none.
size_t SequenceLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0};
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// The four hexadecimal digits at `at`.
std::optional<uint32_t> HexUnit(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  uint32_t unit = 0;
  const char* const end = text.data() + at + 4;
  const auto result = std::from_chars(text.data() + at, end, unit, 16);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return unit;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// Appends what the \u escape whose digits start at `at` stands for; returns where to go on.
size_t AppendUnicodeEscape(std::string_view raw, size_t at, std::string& out) {
  const auto unit = HexUnit(raw, at);
  if (!unit.has_value()) {
    out += "\\u";
    return at;
  }
  if (IsHighSurrogate(*unit) && raw.substr(at + 4, 2) == "\\u") {
    const auto low = HexUnit(raw, at + 6);
    if (low.has_value() && IsLowSurrogate(*low)) {
      AppendUtf8(0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), out);
      return at + 10;
    }
  }
  if (*unit >= 0xdc80 && *unit <= 0xdcff) {
    out += static_cast<char>(*unit & 0xff);
  } else {
    AppendUtf8(IsHighSurrogate(*unit) || IsLowSurrogate(*unit) ? 0xfffd : *unit, out);
  }
  return at + 4;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// How deep arrays and objects nest in well-formed `json`.
uint32_t NestingDepth(std::string_view json) {
  uint32_t depth = 0;
  uint32_t deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

absl::Status JsonError(simdjson::error_code error) {
  const std::string message = fmt::format("not well-formed JSON: {}", error_message(error));
  if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY) {
    return absl::ResourceExhaustedError(message);
  }
  return absl::InvalidArgumentError(message);
}

absl::Status TypeError(simdjson::error_code error, std::string_view what,
                       std::string_view expected) {
  if (error != simdjson::INCORRECT_TYPE) return Annotate(JsonError(error), std::string(what));
  return absl::InvalidArgumentError(fmt::format("{} is not {}", what, expected));
}

std::string ReplaceIllFormedBytes(std::string_view text) {
  std::string replaced;
  replaced.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text, i);
    if (length == 0) {
      AppendUtf8(0x10ff00u + static_cast<uint8_t>(text[i]), replaced);
      ++i;
    } else {
      replaced.append(text, i, length);
      i += length;
    }
  }
  return replaced;
}

void RestoreBytes(std::string& text) {
  constexpr std::string_view kLead = "\xf4\x8f";
  size_t out = 0;
  for (size_t i = 0; i < text.size(); ++out) {
    const bool replaced = text.compare(i, 2, kLead) == 0 && i + 4 <= text.size() &&
                          static_cast<uint8_t>(text[i + 2]) >= 0xbe;
    if (replaced) {
      // U+10FFxx is F4 8F, then the upper two and the lower six bits of xx.
      text[out] = static_cast<char>(((text[i + 2] & 0x3) << 6) | (text[i + 3] & 0x3f));
      i += 4;
    } else {
      text[out] = text[i++];
    }
  }
  text.resize(out);
}

std::string Unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (size_t i = 0; i < raw.size();) {
    const size_t backslash = raw.find('\\', i);
    text.append(raw.substr(i, backslash - i));
    if (backslash == std::string_view::npos || backslash + 1 >= raw.size()) break;
    i = backslash + 2;
    const char c = raw[backslash + 1];
    if (c == 'u') {
      i = AppendUnicodeEscape(raw, i, text);
    } else {
      text += SimpleEscape(c);
    }
  }
  return text;
}

absl::StatusOr<std::unique_ptr<JsonLog>> JsonLog::Open(std::string bytes, const Limits& limits) {
  if (bytes.size() > limits.max_result_file_bytes) {
    return absl::ResourceExhaustedError(
        fmt::format("{} bytes; at most {} are read", bytes.size(), limits.max_result_file_bytes));
  }
  if (LooksLikeUtf16(bytes)) {
    return absl::InvalidArgumentError(
        "the text is UTF-16; a SARIF log is UTF-8 (SARIF section 3.1): convert it first");
  }
  std::unique_ptr<JsonLog> log(new JsonLog(std::move(bytes), limits));
  simdjson::error_code error = log->Iterate();
  if (error == simdjson::UTF8_ERROR) {
    log->bytes_ = ReplaceIllFormedBytes(log->bytes_);
    log->replaced_ = true;
    error = log->Iterate();
  }
  if (error) return JsonError(error);
  return log;
}

simdjson::error_code JsonLog::Iterate() {
  bytes_.reserve(bytes_.size() + simdjson::SIMDJSON_PADDING);
  const size_t skipped = bytes_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const simdjson::padded_string_view text(bytes_.data() + skipped, bytes_.size() - skipped,
                                          bytes_.capacity() - skipped);
  return parser_.iterate(text).get(document_);
}

absl::StatusOr<JsonObject> JsonLog::Root() {
  JsonObject root;
  if (const auto error = document_.get_object().get(root)) {
    return TypeError(error, "the log", "a JSON object");
  }
  return root;
}

absl::Status JsonLog::CheckEnd() {
  const char* location = nullptr;
  const auto error = document_.current_location().get(location);
  if (error == simdjson::OUT_OF_BOUNDS) return absl::OkStatus();
  if (error) return JsonError(error);
  return absl::InvalidArgumentError("something follows the end of the log's JSON object");
}

size_t JsonLog::Position() {
  const char* location = nullptr;
  if (document_.current_location().get(location)) return bytes_.size();
  return static_cast<size_t>(location - bytes_.data());
}

size_t JsonLog::CountElements(JsonValue value) {
  size_t count = 0;
  return value.count_elements().get(count) ? 0 : count;
}

std::string_view JsonLog::RawText(const char* begin) const {
  // The parser's index has an end quote for every string.
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

std::string_view JsonLog::Decode(std::string_view raw, std::string& scratch) const {
  const bool escaped = std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  if (!escaped && !replaced_) return raw;
  scratch.assign(raw);
  // Bytes first: an escape that spells one of the stand-ins means that character.
  if (replaced_) RestoreBytes(scratch);
  if (escaped) scratch = Unescape(scratch);
  return scratch;
}

absl::StatusOr<std::string_view> JsonLog::View(JsonValue value, std::string_view what,
                                               std::string& scratch) const {
  simdjson::ondemand::raw_json_string raw;
  if (const auto error = value.get_raw_json_string().get(raw)) {
    return TypeError(error, what, "a string");
  }
  return Decode(RawText(raw.raw()), scratch);
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, std::string& out) const {
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const std::string_view text, View(value, what, scratch));
  out.assign(text);
  return absl::OkStatus();
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, int64_t& out) const {
  if (!value.get_int64().get(out)) return absl::OkStatus();
  double number = 0;
  if (const auto error = value.get_double().get(number)) {
    return TypeError(error, what, "a number");
  }
  // Doubles hold every integer up to 2^53.
  constexpr double kLargest = 9007199254740992.0;
  if (number != std::trunc(number) || std::abs(number) > kLargest) {
    return absl::InvalidArgumentError(
        fmt::format("{} is {}, not a whole number that can be", what, number));
  }
  out = static_cast<int64_t>(number);
  return absl::OkStatus();
}

absl::Status JsonLog::Read(JsonValue value, std::string_view what, bool& out) const {
  if (const auto error = value.get_bool().get(out)) {
    return TypeError(error, what, "true or false");
  }
  return absl::OkStatus();
}

absl::Status JsonLog::Skip(JsonValue value) const {
  simdjson::ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return JsonError(error);
  std::string_view raw;
  simdjson::error_code error = simdjson::SUCCESS;
  if (type == simdjson::ondemand::json_type::object) {
    JsonObject object;
    error = value.get_object().get(object);
    if (!error) error = object.raw_json().get(raw);
  } else if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    error = value.get_array().get(array);
    if (!error) error = array.raw_json().get(raw);
  }
  if (error) return JsonError(error);
  // Each level takes two bytes, so what is short needs no look.
  if (raw.size() / 2 < limits_.max_json_depth) return absl::OkStatus();
  if (NestingDepth(raw) < limits_.max_json_depth) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      fmt::format("arrays and objects are nested more than {} deep", limits_.max_json_depth));
}

}  // namespace stored::reports::sarif
