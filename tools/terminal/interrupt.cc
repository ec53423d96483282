#include "tools/terminal/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace stored::tools {
namespace {

// The destructor sends this signal to the thread to end it.
constexpr int kStop = SIGUSR1;

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // Leaves out a signal that nohup or a shell's background job has set to be ignored, because
    // sigwait would receive it.
    struct sigaction action {};
    const bool ignored = sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored) sigaddset(&signals, signal);
  }
  sigaddset(&signals, kStop);
  return signals;
}

// Renames the directory before removing it, so that threads that are still writing cannot create
// files below the old name.
void RemoveTree(const std::string& directory) {
  const std::string aside = directory + ".gone";
  std::error_code ignored;
  std::filesystem::rename(directory, aside, ignored);
  std::filesystem::remove_all(aside, ignored);
}

}  // namespace

Interrupt::Interrupt(Output& output) : output_(output) {
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { Run(); });
}

Interrupt::~Interrupt() {
  pthread_kill(thread_.native_handle(), kStop);
  thread_.join();
}

void Interrupt::set_message(std::string message) {
  const MutexLock lock(mutex_);
  message_ = std::move(message);
}

void Interrupt::set_scratch(std::string directory) {
  const MutexLock lock(mutex_);
  scratch_ = std::move(directory);
}

void Interrupt::BlockIfInterrupted() {
  while (interrupted_) ::pause();
}

void Interrupt::Run() {
  const sigset_t signals = Signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  if (signal != kStop) End(signal);
}

void Interrupt::End(int signal) {
  interrupted_ = true;
  const MutexLock lock(mutex_);
  output_.Error(message_.empty() ? "interrupted" : "interrupted; " + message_);
  if (!scratch_.empty()) RemoveTree(scratch_);
  ::_exit(128 + signal);
}

}  // namespace stored::tools
