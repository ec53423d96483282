#pragma once

#include <string>
#include <vector>

#include "base/time/clock.h"
#include "tools/terminal/interrupt.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// storectl itself, but for what belongs to the process: runs the command that `arguments` (without
// the program's name) ask for and returns the exit code. `server` is the server where --server
// names none: the value of STORECTL_SERVER, empty where that is not set. `interrupt` may be null.
int RunStorectl(std::vector<std::string> arguments, const std::string& server, Output& output,
                Clock& clock, Interrupt* interrupt);

}  // namespace stored::tools
