#include "engine/work/product_backoff.h"

#include <algorithm>

namespace stored::engine {

absl::Duration ProductBackoff::PutOff(const std::string& product, absl::Duration now) {
  const MutexLock lock(mutex_);
  Trouble& trouble = troubles_[product];
  if (trouble.over_at <= now) {
    trouble.delay = std::clamp(2 * trouble.delay, kFirstDelay, kLongestDelay);
    trouble.over_at = now + trouble.delay;
  }
  return trouble.delay;
}

void ProductBackoff::Reset(const std::string& product) {
  const MutexLock lock(mutex_);
  troubles_.erase(product);
}

ProductBackoff::Waiting ProductBackoff::At(absl::Duration now) const {
  Waiting waiting;
  const MutexLock lock(mutex_);
  for (const auto& [product, trouble] : troubles_) {
    if (trouble.over_at <= now) continue;
    waiting.products.insert(product);
    waiting.next = std::min(waiting.next, trouble.over_at - now);
  }
  return waiting;
}

}  // namespace stored::engine
