#include "engine/intake/upload_slots.h"

#include <algorithm>

namespace stored::engine {

bool UploadSlots::Take(ArrivingUpload* upload, int max, absl::Duration quiet_limit) {
  const MutexLock lock(mutex_);
  if (taken_.size() < static_cast<size_t>(max)) {
    taken_.push_back(upload);
    return true;
  }
  for (ArrivingUpload* other : taken_) {
    if (other != nullptr && other->EndIfQuietFor(quiet_limit)) break;
  }
  return false;
}

void UploadSlots::Release(ArrivingUpload* upload) {
  const MutexLock lock(mutex_);
  const auto found = std::find(taken_.begin(), taken_.end(), upload);
  if (found != taken_.end()) taken_.erase(found);
}

}  // namespace stored::engine
