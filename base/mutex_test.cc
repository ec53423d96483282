#include "base/mutex.h"

#include <gtest/gtest.h>

#include <future>

namespace stored {
namespace {

// Returns true if another thread can lock `mutex` without waiting.
bool IsFree(Mutex& mutex) {
  return std::async(std::launch::async,
                    [&mutex] {
                      TryMutexLock lock(mutex);
                      return lock.TryLock();
                    })
      .get();
}

TEST(MutexTest, MutexLock_HoldsToItsEnd_ExceptAfterUnlock) {
  Mutex mutex;
  {
    MutexLock lock(mutex);
    EXPECT_FALSE(IsFree(mutex));
    lock.Unlock();
    EXPECT_TRUE(IsFree(mutex));
    lock.Lock();
    EXPECT_FALSE(IsFree(mutex));
  }
  EXPECT_TRUE(IsFree(mutex));
}

TEST(MutexTest, TryMutexLock_HoldsToItsEnd_OnceItHasLocked) {
  Mutex mutex;
  {
    TryMutexLock lock(mutex);
    EXPECT_TRUE(IsFree(mutex)) << "it does not lock before TryLock()";
    ASSERT_TRUE(lock.TryLock());
    EXPECT_FALSE(IsFree(mutex));
  }
  EXPECT_TRUE(IsFree(mutex));
}

TEST(MutexTest, TryMutexLock_OfAHeldMutex_LeavesItToItsHolder) {
  Mutex mutex;
  {
    const MutexLock held(mutex);
    EXPECT_FALSE(IsFree(mutex));
    EXPECT_FALSE(IsFree(mutex)) << "the lock that failed released it";
  }
  EXPECT_TRUE(IsFree(mutex));
}

}  // namespace
}  // namespace stored
