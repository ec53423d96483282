#pragma once

namespace stored::tools {

// The exit codes of storectl, the same for every subcommand. A signal ends it with 128 plus the
// signal's number (tools/terminal/interrupt.h). README.md and docs/operations.md list them too.
enum class ExitCode : int {
  kDone = 0,
  // The store ended FAILED or CANCELLED.
  kStoreFailed = 1,
  // Invalid command line, or a file on this machine that cannot be read or written.
  kWrongUse = 2,
  // The server could not be reached, or it refused the request.
  kServer = 3,
  // The time given with --timeout ran out.
  kTimeout = 4,
  // A part of the result could not be written to standard output. The command itself may have
  // succeeded.
  kOutput = 5,
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the store ended FAILED or CANCELLED\n"
    "  2  invalid command line, or a local file that cannot be read or written\n"
    "  3  the server could not be reached, or it refused the request\n"
    "  4  the time given with --timeout ran out\n"
    "  5  a part of the result could not be written to standard output\n";

}  // namespace stored::tools
