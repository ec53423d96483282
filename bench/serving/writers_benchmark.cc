#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/files/file.h"
#include "base/status.h"
#include "bench/alternate.h"
#include "bench/corpus.h"
#include "bench/found.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/content.h"
#include "bench/serving/serving_benchmarks.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kWriters = 16;
constexpr uint64_t kMaxUploadedBytes = uint64_t{1} << 30;

// One bundle, stored by many clients at once and by the floor.
class Writers {
 public:
  static absl::StatusOr<Writers> Make(const Context& context) {
    STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, 1, context.directory));
    Writers writers(context);
    STORED_RETURN_IF_ERROR(BundleReports(context.directory + "/reports", writers.bundle_));
    STORED_ASSIGN_OR_RETURN(std::string bytes, ReadFile(writers.bundle_, kMaxUploadedBytes));
    writers.content_ = Content::Of(bytes);
    // Learns the expected numbers of reports.
    STORED_RETURN_IF_ERROR(writers.FloorSeconds().status());
    return writers;
  }

  // Returns the seconds that a new server takes, from the first byte to the last store's end.
  absl::StatusOr<double> StoreSeconds() const {
    const std::string directory = context_->directory + "/stored";
    fs::remove_all(directory);
    STORED_ASSIGN_OR_RETURN(const Server server, Server::Start(context_->programs, directory));
    std::vector<absl::Status> outcomes(kWriters);
    std::vector<std::thread> threads;
    threads.reserve(kWriters);
    const absl::Time start = absl::Now();
    for (int i = 0; i < kWriters; ++i) {
      threads.emplace_back([&, i] {
        outcomes[static_cast<size_t>(i)] = StoreOne(server.address(), fmt::format("run {}", i));
      });
    }
    for (std::thread& thread : threads) thread.join();
    const absl::Duration wall = absl::Now() - start;
    for (const absl::Status& outcome : outcomes) STORED_RETURN_IF_ERROR(outcome);
    return absl::ToDoubleSeconds(wall);
  }

  // Returns the seconds for as many ingests, one after the other, by a program that waits for no
  // other.
  absl::StatusOr<double> FloorSeconds() {
    const std::string database = context_->directory + "/floor.db";
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(database + suffix);
    STORED_ASSIGN_OR_RETURN(
        Finished finished, Run({context_->programs + "/bench_floor", "ingest", bundle_, database}));
    found_ = std::move(finished.output);
    return kWriters * finished.cost.wall;
  }

 private:
  explicit Writers(const Context& context)
      : context_(&context),
        bundle_(context.directory + "/bundle"),
        content_(Content::Of(std::string())) {}

  absl::Status StoreOne(const std::string& address, const std::string& run) const {
    const auto stub = v1::StoreService::NewStub(NewChannel(address));
    STORED_ASSIGN_OR_RETURN(const std::string token, Upload(*stub, run, content_));
    STORED_ASSIGN_OR_RETURN(const v1::StoreStatus end, AwaitEnd(*stub, token));
    if (end.state() != v1::STORE_STATE_COMPLETED) {
      return absl::InternalError(fmt::format("{}: {}", run, v1::StoreState_Name(end.state())));
    }
    return CheckSame(end.result(), found_);
  }

  const Context* context_;
  std::string bundle_;
  Content content_;
  // The numbers that the floor printed.
  std::string found_;
};

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasureWriters(const Context& context) {
  STORED_ASSIGN_OR_RETURN(Writers writers, Writers::Make(context));
  STORED_ASSIGN_OR_RETURN(const Pair wall, Alternate(
                                               context.size == Size::kSmall ? 1 : 5, Better::kLess,
                                               [&] { return writers.StoreSeconds(); },
                                               [&] { return writers.FloorSeconds(); }));
  return std::vector<Measured>{{.what = "wall",
                                .unit = Unit::kSeconds,
                                .figure = wall.figure,
                                .floor = wall.floor,
                                .goals = {{.value = 1.3}}}};
}

}  // namespace stored::bench
