#pragma once

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace stored::engine {

// The connection that an upload arrives on.
class ArrivingUpload {
 public:
  // Ends the connection if nothing has arrived on it for `limit`, so that the client, if it still
  // exists, resumes on another one. Returns true if it did. Called from any thread.
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
  // No upload in here is destroyed while the lock is held: its destructor releases its slot first.
  std::vector<ArrivingUpload*> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace stored::engine
