#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// STORED_RETURN_IF_ERROR(expr) returns expr's status from the calling function unless it is OK.
// STORED_ASSIGN_OR_RETURN(auto x, expr) assigns expr's value to x, or returns its status.
#define STORED_RETURN_IF_ERROR(expr)                                                       \
  do {                                                                                     \
    if (absl::Status stored_status_ = (expr); !stored_status_.ok()) return stored_status_; \
  } while (false)

// The left-hand side may be a declaration, which cannot be put in parentheses.
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

// Returns the same error, payloads included, with "prefix: " in front of its message. An OK status
// stays OK.
inline absl::Status Annotate(const absl::Status& status, const std::string& prefix) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), prefix + ": " + std::string(status.message()));
  status.ForEachPayload(
      [&annotated](auto type, const absl::Cord& payload) { annotated.SetPayload(type, payload); });
  return annotated;
}

// Returns the same error, payloads included, with `suffix` behind its message. An OK status stays
// OK.
inline absl::Status AppendTo(const absl::Status& status, const std::string& suffix) {
  if (status.ok()) return status;
  absl::Status appended(status.code(), std::string(status.message()) + suffix);
  status.ForEachPayload(
      [&appended](auto type, const absl::Cord& payload) { appended.SetPayload(type, payload); });
  return appended;
}

}  // namespace stored
