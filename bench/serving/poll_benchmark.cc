#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/status.h"
#include "bench/alternate.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/echo_server.h"
#include "bench/serving/held_store.h"
#include "bench/serving/serving_benchmarks.h"

namespace stored::bench {
namespace {

constexpr int kThreads = 16;

enum class Connections { kKept, kNew };

// The last error of any thread.
struct Failure {
  Mutex mutex;
  absl::Status status ABSL_GUARDED_BY(mutex);
};

// Returns the calls per second of all threads, each with a connection of its own.
absl::StatusOr<double> Poll(const std::string& address, const std::string& token,
                            Connections connections, absl::Duration duration) {
  std::atomic<int64_t> calls = 0;
  Failure failure;
  const absl::Time start = absl::Now();
  const absl::Time end = start + duration;
  const auto poll = [&] {
    std::unique_ptr<v1::StoreService::Stub> stub;
    int64_t done = 0;
    for (; absl::Now() < end; ++done) {
      if (stub == nullptr || connections == Connections::kNew) {
        stub = v1::StoreService::NewStub(NewChannel(address));
      }
      if (const absl::Status status = GetStatus(*stub, token).status(); !status.ok()) {
        const MutexLock lock(failure.mutex);
        failure.status = status;
        return;
      }
    }
    calls += done;
  };
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(poll);
  for (std::thread& thread : threads) thread.join();
  const MutexLock lock(failure.mutex);
  STORED_RETURN_IF_ERROR(failure.status);
  return static_cast<double>(calls) / absl::ToDoubleSeconds(absl::Now() - start);
}

struct Polled {
  std::string what;
  std::string token;
  Connections connections = Connections::kKept;
};

absl::StatusOr<Measured> MeasureOne(const Context& context, const Server& server,
                                    const Server& echo, const Polled& polled) {
  const bool small = context.size == Size::kSmall;
  const absl::Duration duration = small ? absl::Milliseconds(500) : absl::Seconds(3);
  const auto rate_of = [&](const Server& which) {
    return [&] { return Poll(which.address(), polled.token, polled.connections, duration); };
  };
  STORED_ASSIGN_OR_RETURN(const Pair rate,
                          Alternate(small ? 2 : 5, Better::kMore, rate_of(server), rate_of(echo)));
  return Measured{.what = polled.what,
                  .unit = Unit::kCallsPerSecond,
                  .figure = rate.figure,
                  .floor = rate.floor,
                  .goals = {{.bound = Goal::Bound::kAtLeast, .value = 0.9}}};
}

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasurePoll(const Context& context) {
  STORED_ASSIGN_OR_RETURN(
      const Server server,
      Server::Start(context.programs, context.directory + "/stored", {"--workers", "1"}));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_ASSIGN_OR_RETURN(std::string bundle, MakeBundle(1, context.directory));
  STORED_ASSIGN_OR_RETURN(const std::string ended, Upload(*stub, "ended", Content::Of(bundle)));
  STORED_RETURN_IF_ERROR(AwaitCompletion(*stub, ended));
  STORED_ASSIGN_OR_RETURN(const HeldStore held, HeldStore::Make(server, context.directory));
  STORED_ASSIGN_OR_RETURN(const v1::StoreStatus status, GetStatus(*stub, held.token()));
  STORED_ASSIGN_OR_RETURN(const Server echo, StartEchoServer(context, status));
  const Polled all[] = {{"kept connections", held.token(), Connections::kKept},
                        {"new connections", held.token(), Connections::kNew},
                        {"kept connections, store ended", ended, Connections::kKept}};
  std::vector<Measured> lines;
  for (const Polled& polled : all) {
    STORED_ASSIGN_OR_RETURN(lines.emplace_back(), MeasureOne(context, server, echo, polled));
  }
  // There is no goal for ended stores: a client polls each of them only once, and the server reads
  // them from the database.
  lines.back().goals.clear();
  return lines;
}

}  // namespace stored::bench
