#pragma once

#include <string>

namespace stored {

// Return where this build's sources and programs are, for tests and benchmarks:
// SourcePath("samples/reports"), BinaryPath("stored"). They have a library of their own because
// code compiled with the paths misses the compiler cache in every clone.
std::string SourcePath(const std::string& name);
std::string BinaryPath(const std::string& name);

}  // namespace stored
