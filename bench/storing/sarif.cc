#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/files/file.h"
#include "base/status.h"
#include "bench/alternate.h"
#include "bench/found.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/content.h"
#include "bench/storing/sarif_log.h"
#include "bench/storing/storing_benchmarks.h"
#include "bench/storing/upload.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kConnectLimit = absl::Seconds(10);

// The seconds from the first byte sent to COMPLETED, and the result of the store.
struct Sent {
  double wall = 0;
  v1::StoreStatus status;
};

absl::StatusOr<Sent> Send(const Server& server, const Content& log) {
  const std::shared_ptr<grpc::Channel> channel = NewChannel(server.address());
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kConnectLimit))) {
    return absl::DeadlineExceededError("no connection to " + server.address());
  }
  const auto stub = v1::StoreService::NewStub(channel);
  ::sync();  // Earlier writes must not burden the disk during this upload.
  const absl::Time start = absl::Now();
  STORED_ASSIGN_OR_RETURN(const std::string token,
                          Upload(*stub, "sarif", log, v1::PAYLOAD_FORMAT_SARIF));
  Sent sent;
  STORED_ASSIGN_OR_RETURN(sent.status, AwaitEnd(*stub, token));
  sent.wall = absl::ToDoubleSeconds(absl::Now() - start);
  if (sent.status.state() == v1::STORE_STATE_COMPLETED) return sent;
  return absl::InternalError("the log was not stored: " + sent.status.error().message());
}

// Stores a log once with each program, and removes the results afterwards.
class Logs {
 public:
  static absl::StatusOr<std::unique_ptr<Logs>> Make(const Context& context, uint64_t size) {
    std::string text = MakeSarifLog(size);
    const std::string path = context.directory + "/log.sarif";
    {
      STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_WRONLY | O_CREAT | O_EXCL));
      STORED_RETURN_IF_ERROR(WriteAt(fd.get(), text, 0, path));
    }
    return std::unique_ptr<Logs>(new Logs(context, path, Content::Of(text)));
  }

  absl::StatusOr<double> Figure() {
    const std::string directory = context_.directory + "/server";
    Sent sent;
    {
      STORED_ASSIGN_OR_RETURN(const Server server, Server::Start(context_.programs, directory));
      STORED_ASSIGN_OR_RETURN(sent, Send(server, log_));
    }
    fs::remove_all(directory);
    STORED_RETURN_IF_ERROR(CheckSame(sent.status.result(), floor_found_));
    return sent.wall;
  }

  absl::StatusOr<double> Floor() {
    const std::string directory = context_.directory + "/floor";
    fs::create_directory(directory);
    ::sync();
    STORED_ASSIGN_OR_RETURN(
        const Finished finished,
        Run({context_.programs + "/bench_floor", "sarif", path_, directory + "/floor.db"}));
    fs::remove_all(directory);
    floor_found_ = finished.output;
    return finished.cost.wall;
  }

 private:
  Logs(const Context& context, std::string path, Content log)
      : context_(context), path_(std::move(path)), log_(std::move(log)) {}

  const Context& context_;
  const std::string path_;
  const Content log_;
  std::string floor_found_;
};

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchSarif(const Context& context) {
  const bool small = context.size == Size::kSmall;
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<Logs> logs,
                          Logs::Make(context, small ? 10'000'000 : 200'000'000));
  STORED_ASSIGN_OR_RETURN(const Pair wall,
                          Alternate(
                              small ? 2 : 5, Better::kLess, [&] { return logs->Figure(); },
                              [&] { return logs->Floor(); }));
  return std::vector<Measured>{{.what = "wall",
                                .unit = Unit::kSeconds,
                                .figure = wall.figure,
                                .floor = wall.floor,
                                .goals = {{.value = 1.5}}}};
}

}  // namespace stored::bench
