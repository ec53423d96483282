#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// Ends the process on SIGINT, SIGTERM or SIGHUP at any point of the program: prints what became of
// the store, removes the scratch directory and exits with 128 plus the signal's number. A thread of
// its own waits for the signals (sigwait), so nothing runs in a signal handler. Construct at most
// one at a time, before any other thread is started. Safe for concurrent use.
class Interrupt {
 public:
  // `output` must outlive the object.
  explicit Interrupt(Output& output);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Sets the text to print.
  void set_message(std::string message);
  // Sets the directory to remove; empty means none.
  void set_scratch(std::string directory);

  // Blocks for ever if a signal has arrived, because the process is about to exit. Call it before
  // printing an error: the removal of the scratch directory may have caused that error.
  void BlockIfInterrupted();

 private:
  void Run();
  [[noreturn]] void End(int signal);

  Output& output_;
  std::atomic<bool> interrupted_ = false;
  Mutex mutex_;
  std::string message_ ABSL_GUARDED_BY(mutex_);
  std::string scratch_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace stored::tools
