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

// Returns a policy for a server that dies several times a second: retries at once, and for long.
client::RetryPolicy EagerRetryPolicy();

// Repeats `call`, which takes a client::Connection, until the server answers. The server may be
// dead at the moment.
template <typename Call>
auto AskServer(const std::string& target, Call call) {
  const client::RetryPolicy policy = EagerRetryPolicy();
  client::RetrySchedule schedule(policy, client::TimeLimit(Clock::System(), policy.patience),
                                 Clock::System(), client::SystemUniformSource());
  return client::Retry(std::move(schedule), Clock::System(), [&] {
    client::Connection connection(*client::Endpoint::Parse(target));
    return call(connection);
  });
}

// One store as its client knows it: what it sent, and what the server told it.
struct LedgerEntry {
  std::string run;
  std::string upload_id;
  // The store's position among the client's stores into the run, from 0, in order of acceptance.
  int ordinal = 0;
  std::string token;
  // The final status.
  v1::StoreStatus end;
};

// A client that stores one SARIF log after another on a server that may die at any moment. It uses
// the client library's own retries and keeps a ledger of what the server promised. It checks every
// response: a response that contradicts an earlier one is an error of the ledger.
//
// The k-th store into the client's own run has the reports k to k + window - 1. So the effect of
// each store on the run (the counts of new and resolved reports) shows whether a store was lost,
// applied twice or applied out of order.
class CrashClient {
 public:
  struct Options {
    // "unix:PATH" or HOST:PORT.
    std::string target;
    std::string run;
    std::string product;
    // Reports in one store, and bytes of text in each report. Long texts make an upload of several
    // chunks.
    int window = 10;
    int message_bytes = 20;
    // Number of stores to upload before the client waits for the first of them.
    int pipeline = 3;
    // Every n-th store is cancelled once it is accepted, uploaded again under the same id, or
    // watched instead of polled. 0 means none.
    int cancel_every = 7;
    int repeat_every = 5;
    int watch_every = 4;
    uint32_t seed = 1;
  };

  explicit CrashClient(Options options) : options_(std::move(options)), random_(options_.seed) {}

  // Uploads a few stores and waits for their ends. Returns an error if the server broke a promise.
  absl::Status StoreSome();

  const std::vector<LedgerEntry>& ledger() const { return ledger_; }
  // Return the longest time that an upload, or a wait for an end, has taken.
  absl::Duration longest_upload() const { return longest_upload_; }
  absl::Duration longest_wait() const { return longest_wait_; }
  const Options& options() const { return options_; }

  // Returns the log for the store with this ordinal. The message of its i-th report is
  // MessageOf(options, ordinal + i).
  static std::string SarifOf(const Options& options, int ordinal);
  static std::string MessageOf(const Options& options, int report);

 private:
  absl::StatusOr<v1::UploadResponse> Upload(const LedgerEntry& entry, const std::string& sarif);
  absl::Status Accept(LedgerEntry& entry);
  absl::Status Cancel(const LedgerEntry& entry);
  absl::Status AwaitEnd(LedgerEntry& entry, bool watch);
  // Returns true if this store is the `every`-th one, which gets special treatment.
  static bool Due(int ordinal, int every) { return every > 0 && ordinal % every == every - 1; }

  const Options options_;
  std::mt19937 random_;
  std::vector<LedgerEntry> ledger_;
  absl::Duration longest_upload_;
  absl::Duration longest_wait_;
};

}  // namespace stored::tests
