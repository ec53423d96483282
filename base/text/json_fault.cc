#include "base/text/json_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text/text.h"

namespace stored {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Returns the character that begins at `at`. REQUIRES: at < text.size().
std::string PrintableCharacter(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && end < at + 4 && IsContinuation(text[end])) ++end;
  return Printable(text.substr(at, end - at));
}

// Reads a text from its start to the first fault. Uses an explicit stack instead of recursion,
// because the text decides how deep it nests.
class Scanner {
 public:
  Scanner(std::string_view text, uint32_t max_depth) : text_(text), max_depth_(max_depth) {}

  // Returns true if the text is well-formed to its end; otherwise what() and at() tell the fault.
  bool Scan() {
    while (true) {
      if (!ScanValue()) return false;
      // After an opening bracket comes the first value, or its name.
      if (opened_) continue;
      if (!ScanAfterValue()) return false;
      if (at_end_) return true;
    }
  }

  size_t at() const { return at_; }
  std::string what() && { return std::move(what_); }

 private:
  bool Fail(std::string what) {
    what_ = std::move(what);
    return false;
  }
  bool FailAt(size_t at, std::string what) {
    at_ = at;
    return Fail(std::move(what));
  }
  bool FailExpecting(std::string_view expected) {
    if (at_ >= text_.size()) {
      return Fail(fmt::format("the text ends here, where {} is expected", expected));
    }
    if (AtComment()) return FailAtComment();
    return Fail(fmt::format("expected {}, not {}", expected, Here()));
  }

  // Some tools accept comments in JSON, so people write them; they get a message of their own.
  bool AtComment() const {
    const std::string_view rest = text_.substr(at_, 2);
    return rest == "//" || rest == "/*";
  }
  bool FailAtComment() { return Fail("a comment begins here; JSON has no comments"); }

  // Returns the character at the current place, in quotes.
  std::string Here() const { return fmt::format("'{}'", PrintableCharacter(text_, at_)); }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Next(char c) const { return at_ < text_.size() && text_[at_] == c; }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  // Scans a value with, in an object, the name before it. Scans only the opening bracket of an
  // array or object.
  bool ScanValue() {
    SkipSpace();
    if (!nesting_.empty() && nesting_.back() && !ScanName()) return false;
    opened_ = false;
    switch (Peek()) {
      case '{':
      case '[':
        return Open();
      case '"':
        return ScanString();
      case 't':
        return ScanWord("true");
      case 'f':
        return ScanWord("false");
      case 'n':
        return ScanWord("null");
      default:
        break;
    }
    if (Peek() == '-' || IsDigit(Peek())) return ScanNumber();
    if (after_comma_ && Next(']')) return FailAt(comma_, "a comma before ']'");
    return FailExpecting("a value");
  }

  bool ScanName() {
    if (after_comma_ && Next('}')) return FailAt(comma_, "a comma before '}'");
    if (!Next('"')) return FailExpecting("a name in double quotes");
    if (!ScanString()) return false;
    SkipSpace();
    if (!Next(':')) return FailExpecting("':'");
    ++at_;
    SkipSpace();
    after_comma_ = false;
    return true;
  }

  bool Open() {
    if (nesting_.size() >= max_depth_) {
      return Fail(fmt::format("arrays and objects are nested more than {} deep", max_depth_));
    }
    const bool object = Peek() == '{';
    nesting_.push_back(object);
    after_comma_ = false;
    ++at_;
    SkipSpace();
    // ScanAfterValue closes an empty array or object.
    opened_ = !Next(object ? '}' : ']');
    return true;
  }

  // Scans the closing brackets and the comma, or the end of the text.
  bool ScanAfterValue() {
    SkipSpace();
    while (!nesting_.empty() && Next(nesting_.back() ? '}' : ']')) {
      nesting_.pop_back();
      ++at_;
      SkipSpace();
    }
    if (nesting_.empty()) {
      at_end_ = at_ >= text_.size();
      if (AtComment()) return FailAtComment();
      return at_end_ || Fail("something follows the end of the JSON text");
    }
    if (!Next(',')) return FailExpecting(nesting_.back() ? "',' or '}'" : "',' or ']'");
    comma_ = at_++;
    after_comma_ = true;
    return true;
  }

  bool ScanString() {
    const size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<uint8_t>(c) < 0x20) {
        return Fail(fmt::format(
            "the control character {} in a string; it must be written as an escape", Here()));
      }
      if (c != '\\') {
        ++at_;
        continue;
      }
      if (auto fault = FaultOfEscape(text_, at_)) return Fail(*std::move(fault));
      at_ += 2;
    }
    return FailAt(begin, "the text ends within the string that begins here");
  }

  bool ScanWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return FailExpecting("a value");
    at_ += word.size();
    return true;
  }

  bool ScanDigits() {
    if (!IsDigit(Peek())) return FailExpecting("a digit");
    while (IsDigit(Peek())) ++at_;
    return true;
  }

  bool ScanNumber() {
    if (Next('-')) ++at_;
    if (Next('0')) {
      ++at_;
      if (IsDigit(Peek())) return Fail("a number that begins with 0");
    } else if (!ScanDigits()) {
      return false;
    }
    if (Next('.')) {
      ++at_;
      if (!ScanDigits()) return false;
    }
    if (!Next('e') && !Next('E')) return true;
    ++at_;
    if (Next('+') || Next('-')) ++at_;
    return ScanDigits();
  }

  const std::string_view text_;
  const uint32_t max_depth_;
  size_t at_ = 0;
  std::string what_;
  // The open arrays and objects, innermost last: true for an object.
  std::vector<bool> nesting_;
  bool opened_ = false;
  bool at_end_ = false;
  // True if nothing but a comma, at comma_, has come since the last value.
  bool after_comma_ = false;
  size_t comma_ = 0;
};

}  // namespace

TextPlace PlaceIn(std::string_view text, size_t offset) {
  text = text.substr(0, offset);
  TextPlace place;
  place.line += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  // If there is no line feed, npos + 1 is 0, which removes nothing.
  text.remove_prefix(text.rfind('\n') + 1);
  place.column +=
      text.size() - static_cast<uint64_t>(std::count_if(text.begin(), text.end(), IsContinuation));
  return place;
}

std::string ToString(const TextPlace& place) {
  return fmt::format("line {}, column {}", place.line, place.column);
}

std::string ToString(const JsonFault& fault) {
  return fmt::format("{}: {}", ToString(fault.place), fault.what);
}

std::optional<JsonFault> FindJsonFault(std::string_view text, uint32_t max_depth) {
  Scanner scanner(text, max_depth);
  if (scanner.Scan()) return std::nullopt;
  const size_t at = scanner.at();
  return JsonFault{at, PlaceIn(text, at), std::move(scanner).what()};
}

std::optional<std::string> FaultOfEscape(std::string_view text, size_t at) {
  const std::string_view rest = text.substr(at + 1);
  if (rest.empty()) return "the text ends after a backslash";
  if (rest[0] == 'u') {
    const bool complete =
        rest.size() >= 5 && std::all_of(rest.begin() + 1, rest.begin() + 5, IsHexDigit);
    if (complete) return std::nullopt;
    return "'\\u' without four hexadecimal digits";
  }
  if (std::string_view("\"\\/bfnrt").find(rest[0]) != std::string_view::npos) return std::nullopt;
  return fmt::format("'\\{}' is not an escape of JSON; a backslash itself is written \"\\\\\"",
                     PrintableCharacter(rest, 0));
}

}  // namespace stored
