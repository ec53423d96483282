#pragma once

#include <string>

namespace stored::server {

// `stored check`: looks through a data directory, prints a line for each database to standard
// output, and returns what to exit with: 0 when all is well, 1 when something is damaged, 2 when
// there is nothing to look at or a server has the directory open.
int RunCheck(const std::string& data_directory);

}  // namespace stored::server
