#pragma once

#include <google/protobuf/message.h>

#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "tools/terminal/json_list.h"

namespace stored::tools {

// Everything that storectl says. Results go to standard output, all else to standard error, each
// line of text made fit for a terminal. Results come from one thread at a time, and a reader that
// is slow to take them holds up nobody else; the rest is safe for concurrent use.
class Output {
 public:
  // `terminal_width`: columns of the terminal that `err` is; 0 when it is none.
  Output(std::ostream& out, std::ostream& err, int terminal_width);

  void set_json(bool json) { json_ = json; }
  void set_quiet(bool quiet) { quiet_ = quiet; }
  void set_verbose(bool verbose) { verbose_ = verbose; }
  // Whether the result is to be a JSON document and nothing else.
  bool json() const { return json_; }
  // Whether there is anybody to see ShowProgress.
  bool shows_progress() const { return terminal_width_ > 0 && !quiet_; }

  // Whether Detail is said.
  bool shows_details() const { return verbose_; }

  // A line of the result.
  void Line(std::string_view text);
  // The result as JSON. INTERNAL when it cannot be written so.
  absl::Status Document(const google::protobuf::Message& message);
  void Document(const JsonList& list);
  // For tables, which make their text fit themselves.
  std::ostream& result() { return out_; }

  // Said unless -q.
  void Note(std::string_view text);
  void Warning(std::string_view text);
  // Said with -v.
  void Detail(std::string_view text);
  // Always said: "storectl: TEXT".
  void Error(std::string_view text);

  // One line that the next one overwrites, on a terminal and unless -q.
  void ShowProgress(std::string_view text);
  void ClearProgress();

  // Sets a text for Finish to print where the result is lost: where else to find it.
  void set_loss_advice(std::string advice) { loss_advice_ = std::move(advice); }
  // Flushes the result. DATA_LOSS when it could not all be written.
  absl::Status Finish();

 private:
  void Say(std::string_view prefix, std::string_view text);
  void ClearProgressLocked();

  std::ostream& out_;
  std::ostream& err_;
  const int terminal_width_;
  bool json_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
  std::string loss_advice_;
  std::mutex mutex_;
  // Whether a progress line stands there unfinished.
  bool progress_shown_ = false;
};

}  // namespace stored::tools
