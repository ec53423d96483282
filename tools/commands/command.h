#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "client/retry_schedule.h"
#include "tools/commands/exit_codes.h"
#include "tools/terminal/interrupt.h"
#include "tools/terminal/output.h"

// What a subcommand gets and gives. Each stands in a file of its own, with one Add function.
namespace stored::tools {

// How a command ended: what to exit with and, unless it is done, one line that says which thing
// failed, why, and what to do.
struct Ending {
  ExitCode code = ExitCode::kDone;
  std::string message;
};

Ending Done();
Ending WrongUse(const absl::Status& status);

// What a command works with.
class Session {
 public:
  // `interrupt` may be null. All of it outlives the object.
  Session(client::Endpoint server, Output& output, Clock& clock, Interrupt* interrupt);

  const client::Endpoint& server() const { return server_; }
  Output& output() const { return output_; }
  Clock& clock() const { return clock_; }
  // What is said, and removed, should the user interrupt.
  void OnInterrupt(std::string farewell) const;
  void RemoveOnInterrupt(std::string directory) const;

  // How a command ends whose `what` the server did not do: kTimeout for DEADLINE_EXCEEDED, else
  // kServer.
  Ending ServerFailure(std::string_view what, const absl::Status& status) const;
  // A command line that goes on waiting for `token`.
  std::string WaitCommand(std::string_view token) const;

  // Prints `message` as the result.
  Ending Document(const google::protobuf::Message& message) const;

  // Calls `call`, which may be repeated, on a connection of its own, trying again for as long as
  // `patience` while the server cannot be reached.
  template <typename Call>
  auto Ask(Call call, absl::Duration patience = absl::Seconds(3),
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

// The command that the command line asks for, once it has been parsed.
using Command = std::function<Ending(Session&)>;

// Each adds one subcommand to `app`; when the user asked for it, `chosen` is set to it.
void AddUploadCommand(CLI::App& app, Command& chosen);
void AddWaitCommand(CLI::App& app, Command& chosen);
void AddStatusCommand(CLI::App& app, Command& chosen);
void AddStoresCommand(CLI::App& app, Command& chosen);
void AddCancelCommand(CLI::App& app, Command& chosen);
void AddProductsCommand(CLI::App& app, Command& chosen);
void AddRunsCommand(CLI::App& app, Command& chosen);
void AddBackupCommand(CLI::App& app, Command& chosen);
void AddReportsCommand(CLI::App& app, Command& chosen);
void AddGcCommand(CLI::App& app, Command& chosen);

}  // namespace stored::tools
