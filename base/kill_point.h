#pragma once

// STORED_KILL_POINT("name") marks a place at which tests crash the process: there is one right
// before and one right after every step that makes something durable. It compiles to nothing,
// except in the test programs that are built with STORED_WITH_KILL_POINTS. Those read two
// environment variables:
//
//   STORED_KILL_AT=NAME:N   the process kills itself with SIGKILL (as kill -9 or the kernel's
//                           out-of-memory killer would) when it reaches the point the N-th time
//   STORED_KILL_LOG=FILE    every point that is reached appends its name and a line feed
//
// The name may be anything that converts to a std::string_view.
#ifdef STORED_WITH_KILL_POINTS

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace stored {

inline void PassKillPoint(std::string_view name) {
  static Mutex mutex;
  static std::map<std::string, int, std::less<>> passed ABSL_GUARDED_BY(mutex);
  const MutexLock lock(mutex);
  std::string line(name);
  const int count = ++passed[line];
  if (const char* at = std::getenv("STORED_KILL_AT");
      at != nullptr && line + ":" + std::to_string(count) == at) {
    ::kill(::getpid(), SIGKILL);
  }
  if (const char* log = std::getenv("STORED_KILL_LOG"); log != nullptr) {
    line += '\n';
    const int fd = ::open(log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, line.data(), line.size()) < 0) std::abort();
    ::close(fd);
  }
}

}  // namespace stored

#define STORED_KILL_POINT(name) ::stored::PassKillPoint(name)

#else

#define STORED_KILL_POINT(name) \
  do {                          \
  } while (false)

#endif
