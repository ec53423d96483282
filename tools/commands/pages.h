#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"

namespace stored::tools {

// The number of reports on a page.
inline constexpr int kReportsPageSize = 5000;

// Calls `list` (request -> StatusOr<response>) for one page after another, and `take` (response ->
// Status) with each page, until the last page or an error. INTERNAL if the server would repeat a
// page for ever.
template <typename Request, typename List, typename Take>
absl::Status ForEachPage(Request request, List list, Take take) {
  while (true) {
    auto response = list(request);
    if (!response.ok()) return response.status();
    std::string next = response->next_page_token();
    if (!next.empty() && next == request.page_token()) {
      return absl::InternalError("the server returned the token of the same page as the next one");
    }
    STORED_RETURN_IF_ERROR(take(*response));
    if (next.empty()) return absl::OkStatus();
    request.set_page_token(std::move(next));
  }
}

}  // namespace stored::tools
