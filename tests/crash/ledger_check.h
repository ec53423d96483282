#pragma once

#include <string>
#include <vector>

#include "tests/crash/crash_client.h"

namespace stored::tests {

// Compares what the server has with what its clients were told, when all is quiet. Every difference
// is a line of the answer; none is what is wanted.
std::vector<std::string> CompareWithLedgers(const std::string& target,
                                            const std::vector<const CrashClient*>& clients);

// What is wrong with the files of a server that has been stopped: damaged databases, files in the
// spool that nobody needs.
std::vector<std::string> CheckFiles(const std::string& data_directory);

}  // namespace stored::tests
