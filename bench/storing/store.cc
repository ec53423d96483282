#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <filesystem>
#include <string>

#include "base/status.h"
#include "bench/alternate.h"
#include "bench/corpus.h"
#include "bench/found.h"
#include "bench/process.h"
#include "bench/storing/storing_benchmarks.h"
#include "bench/storing/upload.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

int Copies(const Context& context) { return context.size == Size::kFull ? 20 : 2; }
int RepeatsOfStore(const Context& context) { return context.size == Size::kFull ? 5 : 2; }

Measured Wall(const Pair& fastest, double goal) {
  return {.what = "wall",
          .unit = Unit::kSeconds,
          .figure = fastest.figure,
          .floor = fastest.floor,
          .goals = {{.of = Goal::Of::kRatio, .bound = Goal::Bound::kAtMost, .value = goal}}};
}

// Stores with a new server and with bench_floor, each without data of earlier stores.
class Stores {
 public:
  explicit Stores(const Context& context)
      : context_(context), database_(context.directory + "/floor.db") {}

  std::string reports() const { return context_.directory + "/reports"; }

  // Stores all reports with a new server. Returns the client's cost and the result.
  absl::StatusOr<Uploaded> StoreAnew() {
    STORED_ASSIGN_OR_RETURN(Uploaded uploaded, UploadAnew(context_, reports()));
    STORED_RETURN_IF_ERROR(CheckSame(uploaded.status.result(), floor_found_));
    return uploaded;
  }

  // Runs bench_floor COMMAND INPUT, with a new database if the command needs one.
  absl::StatusOr<double> Floor(const std::string& command, const std::string& input) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(database_ + suffix);
    std::vector<std::string> arguments = {context_.programs + "/bench_floor", command, input};
    if (command != "parse") arguments.push_back(database_);
    STORED_ASSIGN_OR_RETURN(const Finished finished, Run(arguments));
    floor_found_ = finished.output;
    return finished.cost.wall;
  }

 private:
  const Context& context_;
  const std::string database_;
  std::string floor_found_;
};

absl::StatusOr<Pair> StoreAndFloor(const Context& context, int copies) {
  STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, copies, context.directory));
  Stores stores(context);
  return Alternate(
      RepeatsOfStore(context), Better::kLess,
      [&]() -> absl::StatusOr<double> {
        STORED_ASSIGN_OR_RETURN(const Uploaded uploaded, stores.StoreAnew());
        return uploaded.client.wall;
      },
      [&] { return stores.Floor("store", stores.reports()); });
}

// Stores once without measuring, and then the reports of `directories` in turn, again and again.
// The floor parses what was just stored.
absl::StatusOr<Pair> StoreOnTop(const Context& context,
                                const std::vector<std::string>& directories) {
  Stores stores(context);
  STORED_ASSIGN_OR_RETURN(Server server, Server::Start(context.programs, context.directory));
  STORED_RETURN_IF_ERROR(Upload(context.programs, server, stores.reports()).status());
  size_t next = 0;
  std::string directory;
  return Alternate(
      RepeatsOfStore(context), Better::kLess,
      [&]() -> absl::StatusOr<double> {
        directory = directories[next++ % directories.size()];
        STORED_ASSIGN_OR_RETURN(const Uploaded uploaded,
                                Upload(context.programs, server, directory));
        return uploaded.client.wall;
      },
      [&] { return stores.Floor("parse", directory); });
}

double SecondsFromQueueToEnd(const v1::StoreStatus& status) {
  using google::protobuf::util::TimeUtil;
  return static_cast<double>(TimeUtil::TimestampToMicroseconds(status.finished_at()) -
                             TimeUtil::TimestampToMicroseconds(status.enqueued_at())) *
         1e-6;
}

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchStore(const Context& context) {
  STORED_ASSIGN_OR_RETURN(const Pair fastest, StoreAndFloor(context, Copies(context)));
  return std::vector<Measured>{Wall(fastest, 1.5)};
}

absl::StatusOr<std::vector<Measured>> BenchStoreSmall(const Context& context) {
  STORED_ASSIGN_OR_RETURN(const Pair fastest, StoreAndFloor(context, 1));
  Measured wall = Wall(fastest, 2);
  wall.goals.push_back({.of = Goal::Of::kFigure, .bound = Goal::Bound::kAtMost, .value = 0.25});
  return std::vector<Measured>{wall};
}

absl::StatusOr<std::vector<Measured>> BenchStoreAgain(const Context& context) {
  STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, Copies(context), context.directory));
  STORED_ASSIGN_OR_RETURN(const Pair fastest,
                          StoreOnTop(context, {context.directory + "/reports"}));
  return std::vector<Measured>{Wall(fastest, 1.3)};
}

absl::StatusOr<std::vector<Measured>> BenchStoreChanged(const Context& context) {
  STORED_ASSIGN_OR_RETURN(const CorpusMaker maker, CorpusMaker::Load(context.reports));
  for (const bool changed : {false, true}) {
    STORED_RETURN_IF_ERROR(maker.Make(Copies(context), changed, context.directory));
  }
  STORED_ASSIGN_OR_RETURN(
      const Pair fastest,
      StoreOnTop(context, {context.directory + "/changed", context.directory + "/reports"}));
  return std::vector<Measured>{Wall(fastest, 1.4)};
}

absl::StatusOr<std::vector<Measured>> BenchIngest(const Context& context) {
  STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, Copies(context), context.directory));
  Stores stores(context);
  const std::string bundle = context.directory + "/bundle";
  STORED_RETURN_IF_ERROR(BundleReports(stores.reports(), bundle));
  STORED_ASSIGN_OR_RETURN(const Pair fastest, Alternate(
                                                  RepeatsOfStore(context), Better::kLess,
                                                  [&]() -> absl::StatusOr<double> {
                                                    STORED_ASSIGN_OR_RETURN(const Uploaded uploaded,
                                                                            stores.StoreAnew());
                                                    return SecondsFromQueueToEnd(uploaded.status);
                                                  },
                                                  [&] { return stores.Floor("ingest", bundle); }));
  return std::vector<Measured>{Wall(fastest, 1.3)};
}

}  // namespace stored::bench
