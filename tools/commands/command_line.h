#pragma once

#include <string>
#include <vector>

#include "base/time/clock.h"
#include "tools/terminal/interrupt.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// Runs the command that `arguments` (without the name of the program) name, and returns the exit
// code. `server` is the value of STORECTL_SERVER, the default of --server; empty if it is not set.
// `interrupt` may be null.
int RunStorectl(std::vector<std::string> arguments, const std::string& server, Output& output,
                Clock& clock, Interrupt* interrupt);

}  // namespace stored::tools
