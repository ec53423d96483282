#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "client/endpoint.h"
#include "client/retry_schedule.h"
#include "tools/commands/exit_codes.h"
#include "tools/terminal/interrupt.h"
#include "tools/terminal/output.h"

namespace stored::tools {

// The end of a command: its exit code and, unless that is kDone, one line that says which operation
// failed, why, and what to do.
struct Ending {
  ExitCode code = ExitCode::kDone;
  std::string message;
};

Ending Done();
Ending WrongUse(const absl::Status& status);

// The server, output, clock and signal handling of a command. Not safe for concurrent use.
class Session {
 public:
  // `interrupt` may be null. `output`, `clock` and `interrupt` must outlive the object.
  Session(client::Endpoint server, Output& output, Clock& clock, Interrupt* interrupt);

  const client::Endpoint& server() const { return server_; }
  Output& output() const { return output_; }
  Clock& clock() const { return clock_; }
  // Set the text to print, and the directory to remove, if a signal interrupts the command.
  void SetInterruptMessage(std::string message) const;
  void SetInterruptScratch(std::string directory) const;

  // Returns the end of a command whose call of the server failed: kTimeout for DEADLINE_EXCEEDED,
  // else kServer. `operation` begins the message.
  Ending ServerFailure(std::string_view operation, const absl::Status& status) const;
  // Returns a command line that waits for the end of the store `token`.
  std::string WaitCommand(std::string_view token) const;

  // Prints `message` as the result, one JSON document.
  Ending Document(const google::protobuf::Message& message) const;

  // Runs `call` with a new connection, and again after each failure that may pass, until it
  // succeeds, `patience` has passed since the first failure, or `allowed` since now. Returns the
  // last result of `call`, or DEADLINE_EXCEEDED after `allowed`.
  // REQUIRES: the server may receive the call more than once.
  template <typename Call>
  auto CallWithRetry(Call call, absl::Duration patience = absl::Seconds(3),
                     absl::Duration allowed = absl::InfiniteDuration()) const {
    client::RetryPolicy policy;
    policy.longest_delay = absl::Seconds(2);
    policy.patience = patience;
    client::RetrySchedule schedule(policy, client::TimeLimit(clock_, allowed), clock_,
                                   client::SystemUniformSource());
    return client::Retry(std::move(schedule), clock_, [&] {
      client::Connection connection(server_);
      return call(connection);
    });
  }

 private:
  client::Endpoint server_;
  Output& output_;
  Clock& clock_;
  Interrupt* interrupt_;
};

}  // namespace stored::tools
