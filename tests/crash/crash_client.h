#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "client/retry_schedule.h"
#include "stored/v1/store_service.pb.h"

namespace stored::tests {

// For a server that dies several times a second: asks again at once, and for long.
client::RetryPolicy ImpatientPolicy();

// The answer of a server that may be dead at the moment. `call` takes a client::Connection.
template <typename Call>
auto AskServer(const std::string& target, Call call) {
  const client::RetryPolicy policy = ImpatientPolicy();
  client::RetrySchedule schedule(policy, client::TimeLimit(Clock::System(), policy.patience),
                                 Clock::System(), client::SystemUniformSource());
  return client::Retry(std::move(schedule), Clock::System(), [&] {
    client::Connection connection(*client::Endpoint::Parse(target));
    return call(connection);
  });
}

// One store as its client knows it: what it sent, and what it was told.
struct LedgerEntry {
  std::string run;
  std::string upload_id;
  // Its place among the client's stores into the run, from 0, in order of acceptance.
  int ordinal = 0;
  std::string token;
  // The final status.
  v1::StoreStatus end;
};

// A client that stores one SARIF log after the other on a server that may die at any moment, with
// the client library's own retries, and keeps a ledger of what the server promised. It looks hard
// at every answer: whatever the server takes back is an error of the ledger.
//
// The k-th store into the client's own run has the reports k to k + window - 1, so that what each
// store did to the run (so many new, so many resolved) tells whether one was lost, done twice or
// out of order.
class CrashClient {
 public:
  struct Options {
    // "unix:PATH" or HOST:PORT.
    std::string target;
    std::string run;
    std::string product;
    // Reports in a store; and bytes of text in each, to make an upload of several chunks.
    int window = 10;
    int message_bytes = 20;
    // Stores that are uploaded before the first of them is waited for.
    int pipeline = 3;
    // Every so manieth store: cancelled once accepted, uploaded again under the same id, watched
    // instead of polled. 0 is none.
    int cancel_every = 7;
    int repeat_every = 5;
    int watch_every = 4;
    uint32_t seed = 1;
  };

  explicit CrashClient(Options options) : options_(std::move(options)), random_(options_.seed) {}

  // Uploads a few stores and waits for their ends. An error is a promise that was broken.
  absl::Status StoreSome();

  const std::vector<LedgerEntry>& ledger() const { return ledger_; }
  // The longest that an upload, or a wait for an end, has taken.
  absl::Duration longest_upload() const { return longest_upload_; }
  absl::Duration longest_wait() const { return longest_wait_; }
  const Options& options() const { return options_; }

  // The log that is stored as the ordinal-th of `options`.
  static std::string SarifOf(const Options& options, int ordinal);
  // What its i-th report says is MessageOf(options, ordinal + i).
  static std::string MessageOf(const Options& options, int report);

 private:
  absl::StatusOr<v1::UploadResponse> Upload(const LedgerEntry& entry, const std::string& sarif);
  absl::Status Accept(LedgerEntry& entry);
  absl::Status Cancel(const LedgerEntry& entry);
  absl::Status AwaitEnd(LedgerEntry& entry, bool watch);
  // Whether this store is one of those that something special is done to.
  static bool Due(int ordinal, int every) { return every > 0 && ordinal % every == every - 1; }

  const Options options_;
  std::mt19937 random_;
  std::vector<LedgerEntry> ledger_;
  absl::Duration longest_upload_;
  absl::Duration longest_wait_;
};

}  // namespace stored::tests
