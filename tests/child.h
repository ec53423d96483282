#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace stored::tests {

// What a program that has ended left behind.
struct Ended {
  int exit_code = -1;  // 128 + N after signal N.
  std::string out;
  std::string err;
};

// How long a test waits for what is sure to come. A machine that is busy with other things takes
// many times as long as one that is not, and only a failure takes all of this.
inline constexpr absl::Duration kTestPatience = absl::Minutes(2);

// Runs a program to its end, for at most kTestPatience; `input` is its standard input. Fails the
// test if it cannot be started or does not end.
Ended RunProgram(const std::vector<std::string>& command, const std::string& input = "",
                 const std::map<std::string, std::string>& environment = {});

// A program in the background, its two outputs in one file, its environment the test's with
// changes. Killed and waited for, by its id, when
// the object goes.
class Child {
 public:
  Child(const std::vector<std::string>& command, const std::string& output_path,
        const std::map<std::string, std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  // What it has written so far.
  std::string Output() const;
  // Waits until it has written a line with `text` in it, for at most kTestPatience, and returns the
  // line; empty if it never does.
  std::string WaitForLine(const std::string& text) const;
  // Sends the signal, whatever comes of it.
  void Signal(int signal) const;
  // Sends the signal and waits for the end; its exit code, as in Ended.
  int Stop(int signal);
  // Waits for the end that it comes to by itself, for at most `limit`; nothing when it does not.
  std::optional<int> WaitForEnd(absl::Duration limit);
  bool Running();

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::string output_path_;
};

}  // namespace stored::tests
