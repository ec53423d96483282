#pragma once

#include <string_view>

#include "storage/session.h"

namespace stored::storage {

// Returns the state's name for logs and messages, such as "ENQUEUED".
inline std::string_view NameOf(StoreState state) {
  switch (state) {
    case StoreState::kAllocated:
      return "ALLOCATED";
    case StoreState::kEnqueued:
      return "ENQUEUED";
    case StoreState::kRunning:
      return "RUNNING";
    case StoreState::kCompleted:
      return "COMPLETED";
    case StoreState::kFailed:
      return "FAILED";
    case StoreState::kCancelled:
      return "CANCELLED";
  }
  return "UNKNOWN";
}

}  // namespace stored::storage
