#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/retry_schedule.h"
#include "stored/v1/store_service.pb.h"
#include "tools/commands/session.h"

// Describes the outcome of a store, for people, and waits for it. The progress until then is
// printed by tools/terminal/progress_printer.h.
namespace stored::tools {

// Returns for example "COMPLETED run NAME: 5 reports: 1 new, 3 unresolved, 1 reopened, 2 resolved".
std::string DescribeResult(const v1::StoreStatus& status);
// Returns the second line of an outcome: "2 of 120 files were not analysed, ...". Returns an empty
// text if all files were analysed.
std::string DescribeFailedFiles(const v1::StoreResult& result);

// Returns the end of a command about one store: kStoreFailed for FAILED and CANCELLED.
Ending EndingOf(const v1::StoreStatus& status);

// Waits for the end of a store, shows its progress, and prints its outcome as text, or its status
// with -o json. If the limit passes first and -o json is given, prints the newest known status.
// `known` is a status that the server has already sent. Warnings in `printed_warnings` are not
// printed again.
Ending WaitForOutcome(Session& session, const std::string& token,
                      const std::optional<v1::StoreStatus>& known, bool watch,
                      const client::TimeLimit& limit,
                      const std::vector<std::string>& printed_warnings);

}  // namespace stored::tools
