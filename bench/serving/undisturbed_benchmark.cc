#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/content.h"
#include "bench/serving/serving_benchmarks.h"
#include "stored/v1/report_service.grpc.pb.h"

namespace stored::bench {
namespace {

constexpr int kListedReports = 10'000;
constexpr int kSmallUploadReports = 10;
// The pause between two calls of a kind.
constexpr absl::Duration kPause = absl::Milliseconds(10);
constexpr char kListedRun[] = "listed";
// The kinds of calls: status, page, token.
constexpr size_t kKinds = 3;

double Percentile99(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) * 99 / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Other clients' activity: calls of one kind at a time, on connections that stay open.
class Others {
 public:
  // First makes a run to list and a store to ask about.
  static absl::StatusOr<std::unique_ptr<Others>> Make(const Server& server,
                                                      const std::string& directory) {
    STORED_ASSIGN_OR_RETURN(std::string listed, MakeBundle(kListedReports, directory));
    STORED_ASSIGN_OR_RETURN(std::string small, MakeBundle(kSmallUploadReports, directory));
    std::unique_ptr<Others> others(new Others(server.address(), Content::Of(small)));
    v1::StoreService::Stub& stub = *others->stores_;
    STORED_ASSIGN_OR_RETURN(others->token_, Upload(stub, kListedRun, Content::Of(listed)));
    STORED_RETURN_IF_ERROR(AwaitCompletion(stub, others->token_));
    // Connects, and makes the server open what it opens only once.
    for (size_t kind = 0; kind < kKinds; ++kind) STORED_RETURN_IF_ERROR(others->Call(kind));
    STORED_RETURN_IF_ERROR(AwaitCompletion(stub, others->last_token_));
    return others;
  }

  // Returns the p99 latency of calls of this kind on an idle server.
  absl::StatusOr<double> MeasureIdle(size_t kind, absl::Duration duration) {
    std::vector<double> latencies;
    const absl::Time end = absl::Now() + duration;
    while (absl::Now() < end) STORED_RETURN_IF_ERROR(CallAndPause(kind, latencies));
    // Waits until the server has completed all of them.
    STORED_RETURN_IF_ERROR(AwaitCompletion(*uploads_, last_token_));
    return Percentile99(latencies);
  }

  // Returns the p99 latency of calls of this kind until the store of `token` has ended.
  absl::StatusOr<double> MeasureBeside(size_t kind, v1::StoreService::Stub& stub,
                                       const std::string& token) {
    std::atomic<bool> ended = false;
    absl::Status completed;
    std::thread waiting([&] {
      completed = AwaitCompletion(stub, token);
      ended = true;
    });
    std::vector<double> latencies;
    absl::Status called;
    do {
      called = CallAndPause(kind, latencies);
    } while (called.ok() && !ended);
    waiting.join();
    STORED_RETURN_IF_ERROR(called);
    STORED_RETURN_IF_ERROR(completed);
    return Percentile99(latencies);
  }

 private:
  Others(const std::string& address, Content small)
      : stores_(v1::StoreService::NewStub(NewChannel(address))),
        reports_(v1::ReportService::NewStub(NewChannel(address))),
        uploads_(v1::StoreService::NewStub(NewChannel(address))),
        small_(std::move(small)) {}

  absl::Status CallAndPause(size_t kind, std::vector<double>& latencies) {
    const absl::Time start = absl::Now();
    STORED_RETURN_IF_ERROR(Call(kind));
    latencies.push_back(absl::ToDoubleSeconds(absl::Now() - start));
    absl::SleepFor(kPause);
    return absl::OkStatus();
  }

  absl::Status Call(size_t kind) {
    switch (kind) {
      case 0:
        return GetStatus(*stores_, token_).status();
      case 1: {
        grpc::ClientContext call;
        v1::ListReportsRequest request;
        request.set_run_name(kListedRun);
        v1::ListReportsResponse page;
        return ToAbsl(reports_->ListReports(&call, request, &page));
      }
      default: {
        STORED_ASSIGN_OR_RETURN(last_token_, Upload(*uploads_, "small", small_));
        return absl::OkStatus();
      }
    }
  }

  std::unique_ptr<v1::StoreService::Stub> stores_;
  std::unique_ptr<v1::ReportService::Stub> reports_;
  std::unique_ptr<v1::StoreService::Stub> uploads_;
  const Content small_;
  std::string token_;
  // The token of the last small upload.
  std::string last_token_;
};

absl::Status AwaitRunning(v1::StoreService::Stub& stub, const std::string& token) {
  while (true) {
    STORED_ASSIGN_OR_RETURN(const v1::StoreStatus status, GetStatus(stub, token));
    if (status.state() != v1::STORE_STATE_ENQUEUED) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(1));
  }
}

struct Latencies {
  double busy = 0;
  double quiet = 0;
};

// Measures calls of one kind with a new server, so that neither calls of other kinds nor the work
// and rows that an earlier round left affect them.
absl::StatusOr<Latencies> MeasureRound(const Context& context, size_t kind, const Content& large) {
  const absl::Duration idle = absl::Seconds(context.size == Size::kSmall ? 1 : 5);
  const std::string directory = context.directory + "/stored";
  std::filesystem::remove_all(directory);
  STORED_ASSIGN_OR_RETURN(const Server server, Server::Start(context.programs, directory));
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                          Others::Make(server, context.directory));
  Latencies latencies;
  STORED_ASSIGN_OR_RETURN(latencies.quiet, others->MeasureIdle(kind, idle));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_ASSIGN_OR_RETURN(const std::string token, Upload(*stub, "large", large));
  STORED_RETURN_IF_ERROR(AwaitRunning(*stub, token));
  STORED_ASSIGN_OR_RETURN(latencies.busy, others->MeasureBeside(kind, *stub, token));
  return latencies;
}

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasureUndisturbed(const Context& context) {
  const bool small = context.size == Size::kSmall;
  const int rounds = small ? 1 : 2;
  STORED_ASSIGN_OR_RETURN(std::string bundle,
                          MakeBundle(small ? 50'000 : 1'000'000, context.directory));
  const Content large = Content::Of(bundle);
  constexpr std::array<const char*, kKinds> kNames = {"p99 of a status", "p99 of a first page",
                                                      "p99 of a small upload's token"};
  std::vector<Measured> lines;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    Latencies best;
    for (int round = 0; round < rounds; ++round) {
      STORED_ASSIGN_OR_RETURN(const Latencies one, MeasureRound(context, kind, large));
      best.busy = round == 0 ? one.busy : std::min(best.busy, one.busy);
      best.quiet = round == 0 ? one.quiet : std::min(best.quiet, one.quiet);
    }
    lines.push_back({.what = kNames[kind],
                     .unit = Unit::kSeconds,
                     .figure = best.busy,
                     .floor = best.quiet,
                     .goals = {{.value = 3}}});
  }
  return lines;
}

}  // namespace stored::bench
