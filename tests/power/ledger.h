#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/files/file_system.h"
#include "tests/power/bare_server.h"

namespace stored {

// Wakes whoever waits for a store's end, or for the power's.
class Bell {
 public:
  void Ring();
  int64_t rung() const;
  // Until it was rung more often than that; false after 30 s.
  bool WaitFor(int64_t more_than) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int64_t rung_ = 0;
};

// What clients do to a server, step by step, what they were told, and what they may therefore rely
// on. Steps that were acknowledged are not taken again; those that were not are tried until they
// are. Complaints are GoogleTest failures.
class Ledger {
 public:
  // `directory` is the server's; `bell` is rung when the power goes.
  Ledger(std::string directory, Bell& bell) : directory_(std::move(directory)), bell_(bell) {}

  // --- The steps, in order.

  // Of the product of this name: from one creation to the next removal.
  int CreateProduct(const std::string& name);
  void DeleteProduct(int product);
  // Each bit of `bugs` is a report. `broken`: over two connections.
  int Upload(int product, const std::string& run, unsigned bugs, bool broken = false);
  void Cancel(int upload);
  // Until all stores there are have ended.
  void Work();

  // --- Against a server.

  // Sends again what was acknowledged, which must be answered as before, and takes the steps that
  // are left. The first error ends it: then the power should be gone.
  absl::Status Run(BareServer& server);
  // Only uploads: those acknowledged, and the next, if that is one.
  absl::Status SendAgain(BareServer& server);
  // Everything a client may rely on after a start. `crashes_fail`: one attempt is all a store has.
  void Verify(BareServer& server, bool crashes_fail = false);
  // SQLite's own opinion.
  void VerifyDatabases();
  // After Run: that all has come to the end it should.
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
    // Once acknowledged.
    std::string token;
    // Once a client saw the end.
    std::optional<storage::StoreSession> ended;
  };
  struct Step {
    enum class Kind { kCreate, kDelete, kUpload, kCancel, kWork } kind;
    int object = 0;
    bool done = false;
  };
  // A run as it should be after stores were applied to it, each once, in this order.
  struct ExpectedRun {
    int stores = 0;
    unsigned open = 0;
    unsigned closed = 0;
    storage::StoreResult Apply(unsigned bugs);
  };

  // What there is of COMPLETED stores, by sequence: the order in which they were applied.
  using Completed = std::map<int64_t, std::pair<const Sent*, storage::StoreResult>>;

  absl::Status Take(BareServer& server, Step& step);
  absl::Status Send(BareServer& server, Sent& sent);
  absl::Status Delete(BareServer& server, Product& product);
  absl::Status Cancel(BareServer& server, Sent& sent);
  absl::Status AwaitEnds(BareServer& server);
  absl::Status NoteEnds(BareServer& server);

  void VerifyProducts(BareServer& server);
  // The session there is, if any.
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
  // The first is the default product.
  std::deque<Product> products_ = {{storage::kDefaultProduct, true, true}};
  std::deque<Sent> sent_;
  std::vector<Step> steps_;
};

}  // namespace stored
