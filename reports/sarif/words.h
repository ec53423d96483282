#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A word that SARIF defines for a property, and what it stands for.
template <typename T>
struct Word {
  std::string_view word;
  T meaning;
};

// Reads a property whose value is one of `words`. A word in another case ("Error") is taken, with a
// warning. Any other value is left out with a warning, and leaves `meaning` as it is.
template <typename T, typename M, size_t kWords>
absl::Status ReadWord(const JsonLog& log, JsonValue value, std::string_view what,
                      const Word<T> (&words)[kWords], M& meaning) {
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const auto text, log.Text(value, what, scratch));
  if (!text.has_value()) return absl::OkStatus();
  for (const Word<T>& word : words) {
    if (*text != word.word) continue;
    meaning = word.meaning;
    return absl::OkStatus();
  }
  // The text may be of any length.
  constexpr size_t kMaxQuotedBytes = 100;
  const std::string_view quoted = text->substr(0, kMaxQuotedBytes);
  for (const Word<T>& word : words) {
    if (!absl::EqualsIgnoreCase(absl::string_view(text->data(), text->size()),
                                absl::string_view(word.word.data(), word.word.size()))) {
      continue;
    }
    log.Warn(fmt::format("{} is \"{}\"; it is read as \"{}\"", what, quoted, word.word));
    meaning = word.meaning;
    return absl::OkStatus();
  }
  log.Warn(
      fmt::format("{} is \"{}\", which SARIF 2.1.0 does not define; it is left out", what, quoted));
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
