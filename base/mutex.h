#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"

// Wraps std::mutex and its companions with annotations, so that clang checks at compile time which
// lock guards which member: scripts/tidy makes the findings of -Wthread-safety errors. Members are
// annotated with ABSL_GUARDED_BY, and functions whose callers hold the lock with
// ABSL_EXCLUSIVE_LOCKS_REQUIRED. Other compilers ignore the annotations.
namespace stored {

// A std::mutex that clang's thread-safety analysis knows.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  // Returns false, without waiting, if another thread holds the lock.
  bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) { return mutex_.try_lock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a Mutex from construction to destruction, except between Unlock() and Lock().
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() ABSL_UNLOCK_FUNCTION() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void Unlock() ABSL_UNLOCK_FUNCTION() { lock_.unlock(); }
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { lock_.lock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// Locks a Mutex if that needs no waiting, and holds it until its own destruction:
// `if (TryMutexLock lock(mutex); lock.TryLock()) ...`.
class ABSL_SCOPED_LOCKABLE TryMutexLock {
 public:
  // Does not lock yet.
  explicit TryMutexLock(Mutex& mutex) ABSL_LOCKS_EXCLUDED(mutex) : mutex_(mutex) {}
  ~TryMutexLock() ABSL_UNLOCK_FUNCTION() {
    if (locked_) mutex_.Unlock();
  }
  TryMutexLock(const TryMutexLock&) = delete;
  TryMutexLock& operator=(const TryMutexLock&) = delete;

  // Returns false, without waiting, if another thread holds the lock. REQUIRES: it has not returned
  // true before.
  [[nodiscard]] bool TryLock() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) {
    locked_ = mutex_.TryLock();
    return locked_;
  }

 private:
  Mutex& mutex_;
  bool locked_ = false;
};

// A std::condition_variable for a Mutex. It has no wait with a predicate, because the analysis does
// not see which locks are held inside a lambda: write `while (!ready_) changed_.Wait(lock);`.
class Condition {
 public:
  // Unlocks `lock` while it waits. May return early (a spurious wakeup).
  void Wait(MutexLock& lock) { condition_.wait(lock.lock_); }
  // Returns std::cv_status::timeout once the time has passed.
  template <typename Rep, typename Period>
  std::cv_status WaitFor(MutexLock& lock, const std::chrono::duration<Rep, Period>& timeout) {
    return condition_.wait_for(lock.lock_, timeout);
  }
  template <typename WaitClock, typename Duration>
  std::cv_status WaitUntil(MutexLock& lock,
                           const std::chrono::time_point<WaitClock, Duration>& deadline) {
    return condition_.wait_until(lock.lock_, deadline);
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace stored
