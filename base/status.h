#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// STORED_RETURN_IF_ERROR(expr): returns expr's status from the calling function unless it is OK.
// STORED_ASSIGN_OR_RETURN(auto x, expr): x gets expr's value, or its status is returned.
#define STORED_RETURN_IF_ERROR(expr)                                                       \
  do {                                                                                     \
    if (absl::Status stored_status_ = (expr); !stored_status_.ok()) return stored_status_; \
  } while (false)

// What they assign to may be a declaration, which takes no parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define STORED_CONCAT_INNER_(a, b) a##b
#define STORED_CONCAT_(a, b) STORED_CONCAT_INNER_(a, b)
#define STORED_ASSIGN_OR_RETURN(lhs, expr) \
  STORED_ASSIGN_OR_RETURN_IMPL_(STORED_CONCAT_(stored_statusor_, __LINE__), lhs, expr)
#define STORED_ASSIGN_OR_RETURN_IMPL_(result, lhs, expr) \
  auto result = (expr);                                  \
  if (!result.ok()) return std::move(result).status();   \
  lhs = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

namespace stored {

// The same error, payloads included, with "prefix: " in front of its message. An OK status stays
// OK.
inline absl::Status Annotate(const absl::Status& status, const std::string& prefix) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), prefix + ": " + std::string(status.message()));
  status.ForEachPayload(
      [&annotated](auto type, const absl::Cord& payload) { annotated.SetPayload(type, payload); });
  return annotated;
}

// The same error, payloads included, with `suffix` behind its message. An OK status stays OK.
inline absl::Status AppendTo(const absl::Status& status, const std::string& suffix) {
  if (status.ok()) return status;
  absl::Status appended(status.code(), std::string(status.message()) + suffix);
  status.ForEachPayload(
      [&appended](auto type, const absl::Cord& payload) { appended.SetPayload(type, payload); });
  return appended;
}

}  // namespace stored
