#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace stored::tests {

// The exit code and the output of a program that has ended.
struct Ended {
  int exit_code = -1;  // 128 + N after signal N.
  std::string out;
  std::string err;
};

// How long a test waits for an event that must come. A busy machine takes many times as long as an
// idle one; only a failing test waits for all of it.
inline constexpr absl::Duration kTestPatience = absl::Minutes(2);

// Runs a program to its end, for at most kTestPatience; `input` is its standard input. Fails the
// test if it cannot be started or does not end.
Ended RunProgram(const std::vector<std::string>& command, const std::string& input = "",
                 const std::map<std::string, std::string>& environment = {});

// A program in the background. Both of its outputs go to one file; its environment is the test's,
// with changes. The destructor kills it and waits for it, by its id.
class Child {
 public:
  Child(const std::vector<std::string>& command, const std::string& output_path,
        const std::map<std::string, std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // Returns what the program has written so far.
  std::string Output() const;
  // Waits until the program has written a line that contains `text`, for at most kTestPatience.
  // Returns the line, or an empty string if none came.
  std::string WaitForLine(const std::string& text) const;
  // Sends the signal and ignores errors.
  void Signal(int signal) const;
  // Sends the signal, waits for the program to end and returns its exit code, as in Ended.
  int Stop(int signal);
  // Waits for at most `limit` until the program ends by itself. Returns nullopt if it does not.
  std::optional<int> WaitForEnd(absl::Duration limit);
  bool Running();

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::string output_path_;
};

}  // namespace stored::tests
