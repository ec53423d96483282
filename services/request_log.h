#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"

namespace stored::services {

// Writes one line to the log when a request is done: what was asked, by whom, how it ended, how
// long it took. Text of the client's making is made printable and cut; nothing secret is passed in.
class RequestLog {
 public:
  // `peer` is the transport's name of the client.
  RequestLog(Clock& clock, std::string_view method, std::string peer);

  // Adds " key=value". Call before Done.
  void Add(std::string_view key, std::string_view value);
  // For a call that clients repeat while they wait: in numbers its lines would hide all others, and
  // cost more than the answer. When it went well the line is at level debug. Call before Done.
  void SetRoutine() { routine_ = true; }
  // Writes the line. Warnings for what is the server's fault.
  void Done(const absl::Status& status);

 private:
  Clock& clock_;
  const absl::Duration start_;
  std::string line_;
  bool routine_ = false;
};

}  // namespace stored::services
