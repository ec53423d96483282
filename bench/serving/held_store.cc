#include "bench/serving/held_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "base/status.h"
#include "bench/serving/client.h"

namespace stored::bench {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
constexpr char kRun[] = "held";

}  // namespace

void HeldStore::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

absl::StatusOr<HeldStore::Lock> HeldStore::LockDatabase(const std::string& path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  Lock lock(database);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  if (opened != SQLITE_OK ||
      sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return absl::InternalError(fmt::format("{}: {}", path, sqlite3_errmsg(database)));
  }
  return lock;
}

absl::StatusOr<HeldStore> HeldStore::Make(const Server& server, const std::string& directory) {
  STORED_ASSIGN_OR_RETURN(std::string bundle, MakeBundle(1, directory));
  const Content content = Content::Of(bundle);
  STORED_ASSIGN_OR_RETURN(Lock lock, LockDatabase(server.database()));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_RETURN_IF_ERROR(Upload(*stub, kRun, content).status());
  STORED_ASSIGN_OR_RETURN(std::string token, Upload(*stub, kRun, content));
  return HeldStore(std::move(lock), std::move(token));
}

}  // namespace stored::bench
