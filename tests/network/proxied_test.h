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
#include "tests/held_lock.h"
#include "tests/network/fault_proxy.h"
#include "tests/served_test.h"

namespace stored::tests {

// Whether `condition` comes true within `limit`.
bool Await(const std::function<bool()>& condition, absl::Duration limit = kTestPatience);

// A ServedTest with storectl on the other side of a network that the test can spoil.
class ProxiedTest : public ServedTest {
 protected:
  void SetUp() override;

  // A storectl in the background whose network is `network`.
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
  // That it ends with `exit_code` within `limit` from now; prints how long it took in all.
  static void ExpectEnd(Client& client, int exit_code, absl::Duration limit);
  void ExpectUpload(std::vector<std::string> arguments, absl::Duration limit);

  // Writes a report directory of so many plists, each with one report in a source file of its own,
  // whose bytes do not compress. No two of a test are the same.
  std::string WriteReports(const std::string& name, int files, size_t source_bytes);
  // One of five chunks and kLargeReports reports.
  std::string LargeReports(const std::string& run);
  static constexpr int kLargeReports = 10;
  // A storectl whose upload of LargeReports has come to a stand after so many bytes.
  Client StartHalfUpload(const std::string& run, int64_t bytes);
  // A store of one report, uploaded past the network; its token.
  std::string UploadOne(const std::string& run);
  // A RUNNING store, and what keeps it so until it is let go.
  struct HeldStore {
    std::string token;
    std::unique_ptr<HeldLock> lock;
  };
  // For some seconds.
  HeldStore HoldStore(const std::string& run);
  // For as long as it takes. Nothing can be uploaded meanwhile.
  HeldStore HoldStoreLong(const std::string& run);

  // Starts another server after the one that has ended.
  void RestartServer();
  // What all of them have logged.
  std::string Log() { return log_before_ + server().Output(); }
  // What the server said, in its log, of what it got for a run.
  struct Arrived {
    int calls = 0;
    int accepted = 0;
    // Payload bytes taken in, by all calls together.
    int64_t bytes = 0;
  };
  static Arrived ArrivedIn(const std::string& log, const std::string& run);
  // That the run has one store, COMPLETED, with so many reports; answers with it.
  v1::StoreStatus ExpectStoredOnce(const std::string& run, int reports);
  // The names in the spool that end so.
  std::vector<std::string> Spooled(const std::string& suffix) const;

  FaultProxy& network() { return *network_; }
  std::unique_ptr<FaultProxy> NewNetwork() const;

  std::unique_ptr<FaultProxy> network_;
  // What clients find set beside this test's own environment.
  std::map<std::string, std::string> client_environment_;

 private:
  std::string log_before_;
  std::atomic<int> clients_ = 0;
};

}  // namespace stored::tests
