#include "base/testing/build_paths.h"

namespace stored {

std::string SourcePath(const std::string& name) {
  return std::string(STORED_SOURCE_DIR) + "/" + name;
}

std::string BinaryPath(const std::string& name) {
  return std::string(STORED_BINARY_DIR) + "/" + name;
}

}  // namespace stored
