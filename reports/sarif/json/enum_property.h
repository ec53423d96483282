#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/sarif/json/json.h"

namespace stored::reports::sarif {

// A value that SARIF defines for a property, and its meaning here.
template <typename T>
struct EnumName {
  std::string_view name;
  T value;
};

// Reads a property whose value is one of `names`, and sets `meaning`. A value in another case
// ("Error") is accepted with a warning. Any other value is left out with a warning, and `meaning`
// is unchanged.
template <typename T, typename M, size_t kNames>
absl::Status ReadEnum(const JsonLog& log, JsonValue value, std::string_view what,
                      const EnumName<T> (&names)[kNames], M& meaning) {
  std::string scratch;
  STORED_ASSIGN_OR_RETURN(const auto text, log.Text(value, what, scratch));
  if (!text.has_value()) return absl::OkStatus();
  for (const EnumName<T>& entry : names) {
    if (*text != entry.name) continue;
    meaning = entry.value;
    return absl::OkStatus();
  }
  // The value may be of any length.
  constexpr size_t kMaxQuotedBytes = 100;
  const std::string_view quoted = Utf8Prefix(*text, kMaxQuotedBytes);
  for (const EnumName<T>& entry : names) {
    if (!absl::EqualsIgnoreCase(absl::string_view(text->data(), text->size()),
                                absl::string_view(entry.name.data(), entry.name.size()))) {
      continue;
    }
    log.Warn(fmt::format("{} is \"{}\"; it is read as \"{}\"", what, quoted, entry.name));
    meaning = entry.value;
    return absl::OkStatus();
  }
  log.Warn(
      fmt::format("{} is \"{}\", which SARIF 2.1.0 does not define; it is left out", what, quoted));
  return absl::OkStatus();
}

}  // namespace stored::reports::sarif
