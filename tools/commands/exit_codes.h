#pragma once

namespace stored::tools {

// What storectl exits with, the same for every subcommand.
enum class ExitCode : int {
  kDone = 0,
  // The store ended FAILED or CANCELLED.
  kStoreFailed = 1,
  // Wrong use, or input on this machine that cannot be read.
  kWrongUse = 2,
  // The server could not be reached, or refused.
  kServer = 3,
  // The time given with --timeout ran out.
  kTimeout = 4,
  // Standard output did not take all of the result; whatever was asked for may be done.
  kOutput = 5,
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the store ended FAILED or CANCELLED\n"
    "  2  wrong use, or input that cannot be read\n"
    "  3  the server could not be reached, or refused\n"
    "  4  the time given with --timeout ran out\n"
    "  5  standard output did not take all of the result\n";

}  // namespace stored::tools
