#pragma once

#include <string>

namespace stored::server {

// Runs `stored check`: checks a data directory and prints a line for each database, and one for the
// spool, to standard output. Returns the exit code: 0 if everything is whole, 1 if something is
// damaged, 2 if there is no data directory, a server has it open, or standard output fails.
int RunCheck(const std::string& data_directory);

}  // namespace stored::server
