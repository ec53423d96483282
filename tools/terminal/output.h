#pragma once

#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "tools/terminal/json_list.h"

namespace stored::tools {

// The output of storectl. Writes results to standard output and all else to standard error, with
// control characters escaped. The functions that write results must be called from one thread at a
// time: they hold no lock, so that a slow reader of standard output does not block the messages of
// other threads. All other functions are safe for concurrent use.
class Output {
 public:
  // `terminal_width` is the number of columns if `err` is a terminal, else 0. `out` and `err` must
  // outlive the object.
  Output(std::ostream& out, std::ostream& err, int terminal_width);

  void set_json(bool json) { json_ = json; }
  void set_quiet(bool quiet) { quiet_ = quiet; }
  void set_verbose(bool verbose) { verbose_ = verbose; }
  // Returns true if the result is one JSON document.
  bool json() const { return json_; }
  // Returns true if ShowProgress() prints anything.
  bool shows_progress() const { return terminal_width_ > 0 && !quiet_; }
  // Returns true if Detail() prints anything.
  bool shows_details() const { return verbose_; }

  // Writes a line of the result.
  void Line(std::string_view text);
  // Writes the result as JSON. INTERNAL if `message` has no JSON form.
  absl::Status Document(const google::protobuf::Message& message);
  void Document(const JsonList& list);
  // Returns standard output, for Table, which escapes control characters itself.
  std::ostream& result() { return out_; }

  // Print to standard error, except with -q.
  void Note(std::string_view text);
  void Warning(std::string_view text);
  // Prints only with -v.
  void Detail(std::string_view text);
  // Prints "storectl: TEXT", also with -q.
  void Error(std::string_view text);

  // Prints a line that the next output overwrites, if standard error is a terminal and -q is not
  // given.
  void ShowProgress(std::string_view text);
  void ClearProgress();

  // Sets a text that Finish() appends to its error: where to find the result that was lost.
  void set_loss_advice(std::string advice) { loss_advice_ = std::move(advice); }
  // Flushes the result. DATA_LOSS if a part of it could not be written.
  absl::Status Finish();

 private:
  void PrintMessage(std::string_view prefix, std::string_view text);
  void ClearProgressLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::ostream& out_;
  // Threads hold mutex_ while they write to it.
  std::ostream& err_;
  const int terminal_width_;
  bool json_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
  std::string loss_advice_;
  Mutex mutex_;
  // True while the last line on the terminal is a progress line.
  bool progress_shown_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace stored::tools
