#pragma once

#include <string_view>

namespace stored {

// Returns true if `path` is `directory` or lies below it. Compares the two as they are spelt:
// neither may have "." or ".." in it, nor `directory` a slash at its end, unless it is "/".
inline bool IsWithin(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace stored
