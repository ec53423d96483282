#pragma once

#include <string>

namespace stored {

// Where this build's sources and programs are, for tests and benchmarks:
// SourcePath("samples/reports"), BinaryPath("stored"). A library of its own with these two in it,
// because whatever is compiled with the paths is compiled anew in every clone.
std::string SourcePath(const std::string& name);
std::string BinaryPath(const std::string& name);

}  // namespace stored
