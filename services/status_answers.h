#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/store_service.h"
#include "stored/v1/store_service.pb.h"

namespace stored::services {

// Statuses as they are answered: the session from hub or queue, with the advice of the moment.
// Safe for concurrent use.
class StatusAnswers {
 public:
  explicit StatusAnswers(ServiceContext& context) : context_(context) {}

  v1::StoreStatus Answer(const engine::LiveStatus& status) const;
  // Of a store that is in progress; from memory. Nothing when it is not.
  std::shared_ptr<const engine::LiveStatus> FindLive(const std::string& token) const;
  // Of any store; may read the database. NOT_FOUND says what to look at.
  absl::StatusOr<engine::LiveStatus> Find(const std::string& token) const;
  // Tells `watcher` of the store, from the present state on; just its end when it has ended.
  // NOT_FOUND as above. May read the database.
  absl::Status Watch(const std::string& token,
                     const std::shared_ptr<engine::StatusWatcher>& watcher) const;
  // Notes, later, that a client was told a final state.
  void NoteConsumed(const engine::LiveStatus& status) const;

 private:
  ServiceContext& context_;
};

}  // namespace stored::services
