#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/process.h"

struct sqlite3;

namespace stored::bench {

// A store that stays ENQUEUED, at no cost to the server, until it is released. It waits behind
// another store into its run, whose worker waits for a database that this program has locked.
class HeldStore {
 public:
  // Uploads both stores.
  static absl::StatusOr<HeldStore> Make(const Server& server, const std::string& directory);

  const std::string& token() const { return token_; }
  // Lets the other store continue, and then this one.
  void Release() { lock_.reset(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Lock = std::unique_ptr<sqlite3, Close>;

  static absl::StatusOr<Lock> LockDatabase(const std::string& path);

  HeldStore(Lock lock, std::string token) : lock_(std::move(lock)), token_(std::move(token)) {}

  Lock lock_;
  std::string token_;
};

}  // namespace stored::bench
