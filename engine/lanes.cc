#include "engine/lanes.h"

#include <utility>

namespace stored::engine {

WorkThreads::WorkThreads(int threads) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkThreads::~WorkThreads() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

void WorkThreads::Post(std::function<void()> work) {
  {
    const MutexLock lock(mutex_);
    work_.push_back(std::move(work));
  }
  changed_.NotifyOne();
}

void WorkThreads::Run() {
  MutexLock lock(mutex_);
  while (true) {
    while (!stopping_ && work_.empty()) changed_.Wait(lock);
    if (work_.empty()) return;
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    lock.Unlock();
    work();
    lock.Lock();
  }
}

}  // namespace stored::engine
