// storectl, the command line of stored.

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/time/clock.h"
#include "tools/commands/command_line.h"
#include "tools/commands/exit_codes.h"
#include "tools/terminal/interrupt.h"
#include "tools/terminal/output.h"

namespace {

// Returns the number of columns if standard error is a terminal, else 0.
int TerminalWidth() {
  if (::isatty(STDERR_FILENO) == 0) return 0;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  // A reader that closes the pipe early, like head, ends storectl silently, even if the parent
  // process ignores SIGPIPE.
  std::signal(SIGPIPE, SIG_DFL);
  // storectl reports failed connections itself, so gRPC's own messages are suppressed.
  ::setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  try {
    stored::tools::Output output(std::cout, std::cerr, TerminalWidth());
    stored::tools::Interrupt interrupt(output);
    const char* server = std::getenv("STORECTL_SERVER");
    return stored::tools::RunStorectl({argv + 1, argv + argc}, server == nullptr ? "" : server,
                                      output, stored::Clock::System(), &interrupt);
  } catch (const std::exception& error) {
    // A library threw, for example because memory or threads ran out.
    std::fprintf(stderr, "storectl: %s\n", error.what());
    return static_cast<int>(stored::tools::ExitCode::kWrongUse);
  }
}
