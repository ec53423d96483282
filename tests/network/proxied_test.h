#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/harness/held_lock.h"
#include "tests/harness/served_test.h"
#include "tests/network/fault_proxy.h"

namespace stored::tests {

// Returns true if `condition` becomes true within `limit`.
bool Await(const std::function<bool()>& condition, absl::Duration limit = kTestPatience);

// A ServedTest whose storectl reaches the server through a network that the test can disturb.
class ProxiedTest : public ServedTest {
 protected:
  void SetUp() override;

  // A storectl in the background that connects through `network`.
  struct Client {
    Child& child() const { return *process; }
    std::unique_ptr<Child> process;
    std::string command;
    absl::Time started;
  };
  Client Start(FaultProxy& network, std::vector<std::string> arguments);
  Client Start(std::vector<std::string> arguments) {
    return Start(*network_, std::move(arguments));
  }
  // Expects the client to end with `exit_code` within `limit` from now; prints how long it took in
  // all.
  static void ExpectEnd(Client& client, int exit_code, absl::Duration limit);
  void ExpectUpload(std::vector<std::string> arguments, absl::Duration limit);

  // Writes a report directory of `files` plists, each with one report in a source file of its own
  // whose bytes do not compress. No two directories of a test are the same.
  std::string WriteReports(const std::string& name, int files, size_t source_bytes);
  // Writes a report directory whose upload takes five chunks and has kLargeReports reports.
  std::string LargeReports(const std::string& run);
  static constexpr int kLargeReports = 10;
  // Starts a storectl whose upload of LargeReports stalls after `bytes` bytes.
  Client StartHalfUpload(const std::string& run, int64_t bytes);
  // Uploads a store of one report without the proxy and returns its token.
  std::string UploadOne(const std::string& run);
  // A RUNNING store, and the lock that keeps it RUNNING until it is released.
  struct HeldStore {
    std::string token;
    std::unique_ptr<HeldLock> lock;
  };
  // Holds a store for some seconds.
  HeldStore HoldStore(const std::string& run);
  // Holds a store for as long as the test wants. No upload is accepted meanwhile.
  HeldStore HoldStoreLong(const std::string& run);

  // Starts another server after the previous one has ended.
  void RestartServer();
  // Returns the logs of all servers of the test.
  std::string Log() { return log_before_ + server().Output(); }
  // A summary of what the server's log says about the uploads of one run.
  struct Arrived {
    int calls = 0;
    int accepted = 0;
    // Payload bytes received, in all calls together.
    int64_t bytes = 0;
  };
  static Arrived ArrivedIn(const std::string& log, const std::string& run);
  // Expects the run to have exactly one store, COMPLETED, with this many reports. Returns its
  // status.
  v1::StoreStatus ExpectStoredOnce(const std::string& run, int reports);
  // Returns the names in the spool that end with `suffix`.
  std::vector<std::string> Spooled(const std::string& suffix) const;

  FaultProxy& network() { return *network_; }
  std::unique_ptr<FaultProxy> NewNetwork() const;

  std::unique_ptr<FaultProxy> network_;
  // Environment variables of clients, beside this test's own environment.
  std::map<std::string, std::string> client_environment_;

 private:
  std::string log_before_;
  std::atomic<int> clients_ = 0;
};

}  // namespace stored::tests
