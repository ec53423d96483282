#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace stored::engine {

// A fixed number of threads that run posted functions in order of arrival. gRPC's own threads are
// few and serve every call, so work that may wait for a disk runs here instead. Safe for concurrent
// use.
class WorkThreads {
 public:
  explicit WorkThreads(int threads);
  // Runs everything that was posted, then ends the threads.
  ~WorkThreads();
  WorkThreads(const WorkThreads&) = delete;
  WorkThreads& operator=(const WorkThreads&) = delete;

  void Post(std::function<void()> work);

 private:
  // The body of a thread.
  void Run();

  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> work_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace stored::engine
