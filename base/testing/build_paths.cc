#include "base/testing/build_paths.h"

#include <filesystem>

namespace stored {
namespace {

// Returns the path of a file in a folder of this build. Bazel's folders are relative to the one in
// which it starts a test, and no test leaves that; CMake's are absolute.
std::string PathIn(const std::filesystem::path& folder, const std::string& name) {
  return std::filesystem::absolute(folder / name).string();
}

}  // namespace

std::string SourcePath(const std::string& name) { return PathIn(STORED_SOURCE_DIR, name); }

std::string BinaryPath(const std::string& name) { return PathIn(STORED_BINARY_DIR, name); }

}  // namespace stored
