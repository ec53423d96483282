#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/retry_schedule.h"
#include "stored/v1/store_service.pb.h"
#include "tools/commands/command.h"

// What people are told about a store when it has ended; how far it is tells progress_printer.h.
namespace stored::tools {

// "COMPLETED run NAME: 5 reports: 1 new, 3 unresolved, 1 reopened, 2 resolved".
std::string DescribeResult(const v1::StoreStatus& status);
// "2 of 120 files were not analysed: ...", for the line below; empty where all were.
std::string DescribeFailedFiles(const v1::StoreResult& result);

// How a command that was about one store ends, by the state the store is in: kStoreFailed for
// FAILED and CANCELLED.
Ending EndingOf(const v1::StoreStatus& status);

// Waits for the end of a store, showing how far it is, and prints how it ended: a line, or with -o
// json its status, which is also printed when the time ran out and something is known. `known`:
// what the server has said already. `told`: warnings that the user has seen.
Ending WaitForOutcome(Session& session, const std::string& token,
                      const std::optional<v1::StoreStatus>& known, bool watch,
                      const client::TimeLimit& limit, const std::vector<std::string>& told);

}  // namespace stored::tools
