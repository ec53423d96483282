#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/files/file_system.h"
#include "base/mutex.h"
#include "tests/power/bare_server.h"

namespace stored {

// Wakes threads that wait for a store's end, or for a loss of power.
class Bell {
 public:
  void Ring();
  int64_t rung() const;
  // Waits until the bell has been rung more than this many times. Returns false after two minutes.
  bool WaitFor(int64_t more_than) const;

 private:
  mutable Mutex mutex_;
  mutable Condition changed_;
  int64_t rung_ ABSL_GUARDED_BY(mutex_) = 0;
};

// The steps that clients take against a server, the server's responses, and what the clients may
// therefore rely on. Steps that were acknowledged are not repeated; the others are tried again
// until the server acknowledges them. Broken promises are reported as GoogleTest failures.
class Ledger {
 public:
  // `directory` is the server's data directory. `bell` is rung when the power is lost.
  Ledger(std::string directory, Bell& bell) : directory_(std::move(directory)), bell_(bell) {}

  // --- The steps, in order.

  // Creates a product. Returns a number for the product of this name from this creation to its next
  // removal.
  int CreateProduct(const std::string& name);
  void DeleteProduct(int product);
  // Uploads a log with one report for each bit of `bugs`. `broken`: over two connections.
  int Upload(int product, const std::string& run, unsigned bugs, bool broken = false);
  void Cancel(int upload);
  // Waits until all stores so far have ended.
  void Work();

  // --- Against a server.

  // Sends again what was acknowledged, expects the same responses as before, and takes the
  // remaining steps. Stops at the first error, which is expected only after a loss of power.
  absl::Status Run(BareServer& server);
  // Sends only uploads: again those that were acknowledged, and the next step if it is an upload.
  absl::Status SendAgain(BareServer& server);
  // Checks everything that a client may rely on after a start. `crashes_fail` means that the server
  // gives a store only one attempt.
  void Verify(BareServer& server, bool crashes_fail = false);
  // Runs SQLite's integrity check on all databases.
  void VerifyDatabases();
  // Checks that everything has reached its expected end. REQUIRES: Run() succeeded.
  void VerifySettled();

 private:
  struct Product {
    std::string name;
    bool create_tried = false;
    bool created = false;
    bool delete_tried = false;
    bool deleted = false;
  };
  struct Sent {
    storage::StoreRequest request;
    int product = 0;
    unsigned bugs = 0;
    bool broken = false;
    bool tried = false;
    bool cancel_tried = false;
    // Set once the upload was acknowledged.
    std::string token;
    // Set once a client has seen the end.
    std::optional<storage::StoreSession> ended;
  };
  struct Step {
    enum class Kind { kCreate, kDelete, kUpload, kCancel, kWork } kind;
    int object = 0;
    bool done = false;
  };
  // A run as it should be after stores were applied to it, once each, in this order.
  struct ExpectedRun {
    int stores = 0;
    unsigned open = 0;
    unsigned closed = 0;
    storage::StoreResult Apply(unsigned bugs);
  };

  // The COMPLETED stores by sequence number, which is the order in which they were applied.
  using Completed = std::map<int64_t, std::pair<const Sent*, storage::StoreResult>>;

  absl::Status Take(BareServer& server, Step& step);
  absl::Status Send(BareServer& server, Sent& sent);
  absl::Status Delete(BareServer& server, Product& product);
  absl::Status Cancel(BareServer& server, Sent& sent);
  absl::Status AwaitEnds(BareServer& server);
  absl::Status NoteEnds(BareServer& server);

  void VerifyProducts(BareServer& server);
  // Returns the session, if there is one.
  std::optional<storage::StoreSession> VerifySession(BareServer& server, const Sent& sent,
                                                     bool crashes_fail);
  void VerifyEnd(BareServer& server, const Sent& sent, const storage::StoreSession& session,
                 bool crashes_fail);
  void VerifyRuns(BareServer& server, const Completed& completed);
  static void VerifyRun(storage::ProductResults& results, const storage::RunSummary& run,
                        const ExpectedRun& expected);
  void VerifySpool(BareServer& server);

  const std::string directory_;
  Bell& bell_;
  // The first one is the default product.
  std::deque<Product> products_ = {{storage::kDefaultProduct, true, true}};
  std::deque<Sent> sent_;
  std::vector<Step> steps_;
};

}  // namespace stored
