#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "tools/terminal/output.h"

namespace stored::tools {

// Ends the program on SIGINT, SIGTERM or SIGHUP, wherever it is: says what became of the store,
// removes the scratch directory and exits with 128 plus the signal's number. Works in a thread of
// its own, so nothing of it runs in a signal handler. At most one at a time; construct it before
// any other thread is started.
class Interrupt {
 public:
  // `output` outlives the object.
  explicit Interrupt(Output& output);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // What is to be said.
  void set_farewell(std::string farewell);
  // What is to be removed; empty is nothing.
  void set_scratch(std::string directory);

  // Never returns when the end has begun: whatever the caller was about to say would be about what
  // the end has taken away from under it.
  void LeaveIfInterrupted();

 private:
  void Run();
  [[noreturn]] void End(int signal);

  Output& output_;
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;
  std::string farewell_;
  std::string scratch_;
  std::thread thread_;
};

}  // namespace stored::tools
