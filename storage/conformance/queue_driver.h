#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/conformance/conformance.h"
#include "storage/session_queue.h"

namespace stored::storage {

// A request into the default product in which every field is set.
inline StoreRequest FullRequest(const std::string& run = "run", const std::string& upload_id = "") {
  StoreRequest request;
  request.upload_id = upload_id;
  request.product = kDefaultProduct;
  request.run_name = run;
  request.tag = "v1";
  request.description = "nightly";
  request.format = PayloadFormat::kArchive;
  request.force = true;
  request.trim_path_prefixes = {"/src", "", "/build/*"};
  request.skip_bad_files = true;
  request.expire_after = absl::Hours(5);
  return request;
}

inline SpooledPayload Payload(const std::string& file = "spooled") {
  return {file, 1234, std::string(32, '\x7f')};
}

// Calls a queue and fails the test on errors.
class QueueDriver {
 public:
  explicit QueueDriver(SessionQueue& queue) : queue_(queue) {}

  // Enqueue a FullRequest() and return its token.
  std::string Add(const std::string& run = "run", const std::string& file = "spooled") {
    return Add(FullRequest(run), file);
  }
  std::string AddTo(const std::string& product, const std::string& run) {
    StoreRequest request = FullRequest(run);
    request.product = product;
    return Add(request, "spooled");
  }
  // Claims the next session and returns its token; empty if none can be claimed.
  std::string Claim(const SessionQueue::ClaimRules& rules = {}) {
    const absl::StatusOr<std::optional<StoreSession>> claimed = queue_.ClaimNext(At(1), rules);
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    return claimed.ok() && claimed->has_value() ? (*claimed)->token : "";
  }
  StoreSession Get(const std::string& token) {
    const absl::StatusOr<StoreSession> session = queue_.Get(token);
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *session : StoreSession();
  }

 private:
  std::string Add(const StoreRequest& request, const std::string& file) {
    const absl::StatusOr<SessionQueue::Enqueued> added =
        queue_.Enqueue(request, Payload(file), {}, At(0));
    EXPECT_TRUE(added.ok()) << added.status();
    return added.ok() ? added->session.token : "";
  }

  SessionQueue& queue_;
};

}  // namespace stored::storage
