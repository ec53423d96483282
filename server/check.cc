#include "server/check.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "base/text/text.h"
#include "storage/sqlite/check/directory_check.h"

namespace stored::server {
namespace {

constexpr int kWhole = 0;
constexpr int kDamaged = 1;
constexpr int kNothingToCheck = 2;

std::string LineOf(const storage::sqlite::CheckedFile& file) {
  std::string line = Printable(file.path) + ": ";
  if (file.problems.empty()) {
    line += "ok";
  } else {
    line += fmt::format("DAMAGED: {}", fmt::join(file.problems, "; "));
  }
  if (!file.content.empty()) line += fmt::format(" ({})", file.content);
  return line + "\n";
}

}  // namespace

int RunCheck(const std::string& data_directory) {
  int code = kWhole;
  const absl::Status checked = storage::sqlite::CheckDirectory(
      data_directory, [&](const storage::sqlite::CheckedFile& file) {
        if (!file.problems.empty()) code = kDamaged;
        std::fputs(LineOf(file).c_str(), stdout);
        // Prints each line at once, because a large database takes minutes.
        std::fflush(stdout);
      });
  if (!checked.ok()) {
    fmt::print(stderr, "stored check: {}\n", Printable(std::string(checked.message())));
    return kNothingToCheck;
  }
  if (code == kDamaged) {
    fmt::print(stderr, "stored check: restore the damaged files from a backup\n");
  }
  if (std::ferror(stdout) == 0) return code;
  fmt::print(stderr, "stored check: standard output: could not write all of the result\n");
  return kNothingToCheck;
}

}  // namespace stored::server
