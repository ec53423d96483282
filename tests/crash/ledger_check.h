#pragma once

#include <string>
#include <vector>

#include "tests/crash/crash_client.h"

namespace stored::tests {

// Compares what the server has with what its clients were told, once no store is in progress.
// Returns one line for every difference.
std::vector<std::string> CompareWithLedgers(const std::string& target,
                                            const std::vector<const CrashClient*>& clients);

// Checks the files of a server that has been stopped. Returns one line for every damaged database
// and every file in the spool that no store needs.
std::vector<std::string> CheckFiles(const std::string& data_directory);

}  // namespace stored::tests
