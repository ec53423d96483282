#pragma once

#include <mutex>
#include <vector>

#include "absl/time/time.h"

namespace stored::engine {

// The connection that an upload arrives on.
class ArrivingUpload {
 public:
  // Ends the connection when nothing has come on it for `limit`, so that the client, if there still
  // is one, resumes on another. Returns whether it did. From any thread.
  virtual bool EndIfQuietFor(absl::Duration limit) = 0;

 protected:
  ~ArrivingUpload() = default;
};

// Bounds how many uploads arrive at the same time. One that sends nothing keeps its slot only until
// another one wants it: its connection may be alive for as long as its client likes. Safe for
// concurrent use.
class UploadSlots {
 public:
  // False when all of `max` are taken. If one of those that have them has been quiet for
  // `quiet_limit` it is told to end: then there is room in a moment. Null for a caller that cannot
  // be ended.
  bool Take(ArrivingUpload* upload, int max, absl::Duration quiet_limit);
  void Release(ArrivingUpload* upload);

 private:
  std::mutex mutex_;
  // While an upload is in here it is not destroyed.
  std::vector<ArrivingUpload*> taken_;
};

}  // namespace stored::engine
