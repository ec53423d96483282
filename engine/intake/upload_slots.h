#pragma once

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace stored::engine {

// The connection that an upload arrives on.
class ArrivingUpload {
 public:
  // If nothing has arrived on the connection for `limit`, ends it and returns true; a client that
  // still exists resumes on another one. Called from any thread.
  virtual bool EndIfQuietFor(absl::Duration limit) = 0;

 protected:
  ~ArrivingUpload() = default;
};

// Bounds how many uploads arrive at the same time. An upload that sends nothing keeps its slot only
// until another one needs it, because its connection may stay open for as long as its client likes.
// Safe for concurrent use.
class UploadSlots {
 public:
  // Takes a slot. Returns false if all of `max` are taken; then ends one upload that has been quiet
  // for `quiet_limit`, if there is one, so that a slot is free in a moment. `upload` is null if its
  // connection cannot be ended.
  bool Take(ArrivingUpload* upload, int max, absl::Duration quiet_limit)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(ArrivingUpload* upload) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  // Null stands for an upload that cannot be ended. The pointers are valid while the lock is held,
  // because an upload releases its slot before it is destroyed.
  std::vector<ArrivingUpload*> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::engine
