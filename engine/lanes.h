#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace stored::engine {

// A fixed number of threads that run what they are given, in order of arrival. gRPC's own threads
// are few and serve every call, so whatever may wait for a disk runs here instead.
class WorkThreads {
 public:
  explicit WorkThreads(int threads);
  // Runs what was posted before, then ends.
  ~WorkThreads();
  WorkThreads(const WorkThreads&) = delete;
  WorkThreads& operator=(const WorkThreads&) = delete;

  void Post(std::function<void()> work);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stored::engine
