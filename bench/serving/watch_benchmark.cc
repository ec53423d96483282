#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/status.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/echo_server.h"
#include "bench/serving/held_store.h"
#include "bench/serving/serving_benchmarks.h"

namespace stored::bench {
namespace {

// Streams share connections, as streams behind a proxy do.
constexpr size_t kChannels = 50;
// One watcher of this many is added before the measurement.
constexpr int kFirstShare = 10;
constexpr absl::Duration kLimit = absl::Minutes(2);
// gRPC starts and ends threads of its own in any server, so this many additional threads are
// allowed.
constexpr double kThreadsOfGrpc = 4;
constexpr absl::Duration kCountInterval = absl::Milliseconds(50);

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixNanos(google::protobuf::util::TimeUtil::TimestampToNanoseconds(time));
}

// One stream.
class Watcher final : public grpc::ClientReadReactor<v1::StoreStatus> {
 public:
  Watcher(v1::StoreService::Stub& stub, const std::string& token) {
    request_.set_token(token);
    stub.async()->WatchStatus(&context_, &request_, this);
    StartRead(&next_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    MutexLock lock(mutex_);
    started_ = true;
    if (!next_.in_progress()) latency_ = absl::Now() - FromProto(next_.finished_at());
    changed_.NotifyAll();
    StartRead(&next_);
  }
  void OnDone(const grpc::Status& status) override {
    MutexLock lock(mutex_);
    status_ = ToAbsl(status);
    done_ = true;
    changed_.NotifyAll();
  }

  // Waits until the stream has received the present state, or has ended.
  absl::Status AwaitStart(absl::Time deadline) {
    MutexLock lock(mutex_);
    while (!started_ && !done_) {
      if (changed_.WaitUntil(lock, absl::ToChronoTime(deadline)) == std::cv_status::timeout) {
        return absl::DeadlineExceededError("a watcher did not receive the state");
      }
    }
    return status_;
  }
  // Waits for the end. Returns the time from the store's end to its arrival here.
  absl::StatusOr<absl::Duration> AwaitEnd(absl::Time deadline) {
    MutexLock lock(mutex_);
    while (!done_) {
      if (changed_.WaitUntil(lock, absl::ToChronoTime(deadline)) == std::cv_status::timeout) {
        return absl::DeadlineExceededError("a watcher did not receive the end");
      }
    }
    STORED_RETURN_IF_ERROR(status_);
    return latency_;
  }

 private:
  grpc::ClientContext context_;
  v1::WatchStatusRequest request_;
  v1::StoreStatus next_;
  Mutex mutex_;
  Condition changed_;
  absl::Duration latency_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteDuration();
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
};

// The number of watchers, and how long threads are counted, because their number varies.
struct Extent {
  int watchers = 0;
  absl::Duration counting;
};

// The cost of watchers for a server.
struct Watched {
  double bytes = 0;    // Per watcher.
  double threads = 0;  // More than before, for all watchers together.
  // Seconds until the last watcher received the end.
  double last_told = 0;
};

// Many watchers of one store.
class Crowd {
 public:
  Crowd(const std::string& address, const std::string& token, int watchers) : token_(token) {
    for (size_t i = 0; i < kChannels; ++i) {
      stubs_.push_back(v1::StoreService::NewStub(NewChannel(address)));
    }
    watchers_.reserve(static_cast<size_t>(watchers));
  }

  // Adds this many watchers.
  absl::Status Join(int watchers) {
    const absl::Time deadline = absl::Now() + kLimit;
    for (int i = 0; i < watchers; ++i) {
      v1::StoreService::Stub& stub = *stubs_[watchers_.size() % kChannels];
      watchers_.push_back(std::make_unique<Watcher>(stub, token_));
    }
    for (const auto& watcher : watchers_) STORED_RETURN_IF_ERROR(watcher->AwaitStart(deadline));
    return absl::OkStatus();
  }

  // Returns the seconds from the store's end until the last watcher received it.
  absl::StatusOr<double> AwaitEnd() {
    const absl::Time deadline = absl::Now() + kLimit;
    absl::Duration last;
    for (const auto& watcher : watchers_) {
      STORED_ASSIGN_OR_RETURN(const absl::Duration latency, watcher->AwaitEnd(deadline));
      last = std::max(last, latency);
    }
    return absl::ToDoubleSeconds(last);
  }

 private:
  const std::string token_;
  std::vector<std::unique_ptr<v1::StoreService::Stub>> stubs_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

// The number of a server's threads over a while.
struct Threads {
  int fewest = 0;
  int most = 0;
};

absl::StatusOr<Threads> CountThreads(const Background& process, absl::Duration counting) {
  const absl::Time end = absl::Now() + counting;
  STORED_ASSIGN_OR_RETURN(const int first, process.Threads());
  Threads threads{.fewest = first, .most = first};
  while (absl::Now() < end) {
    absl::SleepFor(kCountInterval);
    STORED_ASSIGN_OR_RETURN(const int now, process.Threads());
    threads.fewest = std::min(threads.fewest, now);
    threads.most = std::max(threads.most, now);
  }
  return threads;
}

// Measures the watchers of the store `token`. Calls `end`, which makes the store end, when their
// memory and threads have been measured.
absl::StatusOr<Watched> Watch(Server& server, const std::string& token, const Extent& extent,
                              const std::function<absl::Status()>& end) {
  Crowd crowd(server.address(), token, extent.watchers);
  // Adds some watchers before the measurement, because connections, and objects that a server makes
  // only once, are not measured.
  const int first = extent.watchers / kFirstShare;
  const int rest = extent.watchers - first;
  STORED_RETURN_IF_ERROR(crowd.Join(first));
  STORED_ASSIGN_OR_RETURN(const Threads threads_before,
                          CountThreads(server.process(), extent.counting));
  STORED_ASSIGN_OR_RETURN(const uint64_t bytes_before, server.process().ResidentBytes());
  STORED_RETURN_IF_ERROR(crowd.Join(rest));
  STORED_ASSIGN_OR_RETURN(const Threads threads, CountThreads(server.process(), extent.counting));
  STORED_ASSIGN_OR_RETURN(const uint64_t bytes, server.process().ResidentBytes());
  STORED_RETURN_IF_ERROR(end());
  Watched watched;
  watched.bytes = (static_cast<double>(bytes) - static_cast<double>(bytes_before)) / rest;
  watched.threads = threads.fewest - threads_before.most;
  STORED_ASSIGN_OR_RETURN(watched.last_told, crowd.AwaitEnd());
  return watched;
}

absl::StatusOr<Watched> WatchStored(const Context& context, const Extent& extent,
                                    v1::StoreStatus* status) {
  STORED_ASSIGN_OR_RETURN(
      Server server,
      Server::Start(context.programs, context.directory + "/stored", {"--workers", "1"}));
  STORED_ASSIGN_OR_RETURN(HeldStore held, HeldStore::Make(server, context.directory));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_ASSIGN_OR_RETURN(*status, GetStatus(*stub, held.token()));
  return Watch(server, held.token(), extent, [&held] {
    held.Release();
    return absl::OkStatus();
  });
}

absl::StatusOr<Watched> WatchFloor(const Context& context, const Extent& extent,
                                   const v1::StoreStatus& status) {
  STORED_ASSIGN_OR_RETURN(Server server, StartEchoServer(context, status));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  return Watch(server, status.token(), extent, [&]() -> absl::Status {
    grpc::ClientContext call;
    v1::CancelStoreRequest request;
    request.set_token(status.token());
    v1::StoreStatus told;
    return ToAbsl(stub->CancelStore(&call, request, &told));
  });
}

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasureWatch(const Context& context) {
  const Extent extent = context.size == Size::kSmall
                            ? Extent{.watchers = 1'000, .counting = absl::Seconds(2)}
                            : Extent{.watchers = 10'000, .counting = absl::Seconds(4)};
  v1::StoreStatus status;
  STORED_ASSIGN_OR_RETURN(const Watched figure, WatchStored(context, extent, &status));
  STORED_ASSIGN_OR_RETURN(const Watched floor, WatchFloor(context, extent, status));
  const Goal few_threads{.of = Goal::Of::kFigure, .value = kThreadsOfGrpc};
  const Goal soon{.of = Goal::Of::kFigure, .value = 0.5};
  return std::vector<Measured>{{.what = "server's memory a watcher",
                                .unit = Unit::kBytes,
                                .figure = figure.bytes,
                                .floor = floor.bytes,
                                .goals = {{.value = 1.2}}},
                               {.what = "server's additional threads",
                                .unit = Unit::kCount,
                                .figure = figure.threads,
                                .floor = floor.threads,
                                .goals = {few_threads}},
                               {.what = "end at the last watcher",
                                .unit = Unit::kSeconds,
                                .figure = figure.last_told,
                                .goals = {soon}}};
}

}  // namespace stored::bench
