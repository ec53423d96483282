// storectl: the command line of stored.

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

// Columns of the terminal that standard error is; 0 when it is none.
int TerminalWidth() {
  if (::isatty(STDERR_FILENO) == 0) return 0;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  // A reader that has seen enough, as head does, ends a list silently, even where the parent
  // process ignores SIGPIPE.
  std::signal(SIGPIPE, SIG_DFL);
  // What gRPC has to say about connections that fail, storectl says itself.
  ::setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  try {
    stored::tools::Output output(std::cout, std::cerr, TerminalWidth());
    stored::tools::Interrupt interrupt(output);
    const char* server = std::getenv("STORECTL_SERVER");
    return stored::tools::RunStorectl({argv + 1, argv + argc}, server == nullptr ? "" : server,
                                      output, stored::Clock::System(), &interrupt);
  } catch (const std::exception& error) {
    // Out of memory or threads, in a library that throws.
    std::fprintf(stderr, "storectl: %s\n", error.what());
    return static_cast<int>(stored::tools::ExitCode::kWrongUse);
  }
}
