#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
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
// Between two calls of a kind.
constexpr absl::Duration kPause = absl::Milliseconds(10);
constexpr char kListedRun[] = "listed";
constexpr size_t kKinds = 3;

// By kind of call: status, page, token; seconds.
using Latencies = std::array<double, kKinds>;

double Percentile99(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) * 99 / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// What other clients do: one call of each kind after the other, on connections that they keep.
class Others {
 public:
  // A run to be listed and a store to be asked for are made first.
  static absl::StatusOr<std::unique_ptr<Others>> Make(const Server& server,
                                                      const std::string& directory) {
    STORED_ASSIGN_OR_RETURN(std::string listed, MakeBundle(kListedReports, directory));
    STORED_ASSIGN_OR_RETURN(std::string small, MakeBundle(kSmallUploadReports, directory));
    std::unique_ptr<Others> others(new Others(server.address(), Content::Of(std::move(small))));
    v1::StoreService::Stub& stub = *others->stores_;
    STORED_ASSIGN_OR_RETURN(others->token_,
                            Upload(stub, kListedRun, Content::Of(std::move(listed))));
    STORED_RETURN_IF_ERROR(AwaitCompletion(stub, others->token_));
    return others;
  }

  // p99 of each kind, of calls made until `done`, a thread a kind.
  absl::StatusOr<Latencies> MeasureUntil(const std::function<absl::Status()>& done) {
    std::atomic<bool> stop = false;
    std::array<std::thread, kKinds> threads;
    std::array<std::vector<double>, kKinds> latencies;
    std::array<absl::Status, kKinds> failures;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      threads[kind] =
          std::thread([&, kind] { failures[kind] = CallUntil(stop, kind, latencies[kind]); });
    }
    const absl::Status waited = done();
    stop = true;
    for (std::thread& thread : threads) thread.join();
    STORED_RETURN_IF_ERROR(waited);
    Latencies result{};
    for (size_t kind = 0; kind < kKinds; ++kind) {
      STORED_RETURN_IF_ERROR(failures[kind]);
      result[kind] = Percentile99(latencies[kind]);
    }
    return result;
  }

 private:
  Others(const std::string& address, Content small)
      : stores_(v1::StoreService::NewStub(NewChannel(address))),
        reports_(v1::ReportService::NewStub(NewChannel(address))),
        uploads_(v1::StoreService::NewStub(NewChannel(address))),
        small_(std::move(small)) {}

  absl::Status CallUntil(const std::atomic<bool>& stop, size_t kind,
                         std::vector<double>& latencies) {
    while (!stop) {
      const absl::Time start = absl::Now();
      STORED_RETURN_IF_ERROR(Call(kind));
      latencies.push_back(absl::ToDoubleSeconds(absl::Now() - start));
      absl::SleepFor(kPause);
    }
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
      default:
        return Upload(*uploads_, "small", small_).status();
    }
  }

  std::unique_ptr<v1::StoreService::Stub> stores_;
  std::unique_ptr<v1::ReportService::Stub> reports_;
  std::unique_ptr<v1::StoreService::Stub> uploads_;
  const Content small_;
  std::string token_;
};

absl::Status AwaitRunning(v1::StoreService::Stub& stub, const std::string& token) {
  while (true) {
    STORED_ASSIGN_OR_RETURN(const v1::StoreStatus status, GetStatus(stub, token));
    if (status.state() != v1::STORE_STATE_ENQUEUED) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(1));
  }
}

// The better of the two, kind by kind.
void Improve(Latencies& best, const Latencies& other) {
  for (size_t kind = 0; kind < kKinds; ++kind) best[kind] = std::min(best[kind], other[kind]);
}

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasureUndisturbed(const Context& context) {
  const bool small = context.size == Size::kSmall;
  const int rounds = small ? 1 : 2;
  const absl::Duration idle = small ? absl::Seconds(2) : absl::Seconds(15);
  STORED_ASSIGN_OR_RETURN(const Server server,
                          Server::Start(context.programs, context.directory + "/stored"));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                          Others::Make(server, context.directory));
  STORED_ASSIGN_OR_RETURN(std::string bundle,
                          MakeBundle(small ? 50'000 : 1'000'000, context.directory));
  const Content large = Content::Of(std::move(bundle));
  Latencies busy;
  busy.fill(absl::ToDoubleSeconds(absl::Hours(1)));
  Latencies quiet = busy;
  for (int round = 0; round < rounds; ++round) {
    STORED_ASSIGN_OR_RETURN(const Latencies alone, others->MeasureUntil([idle] {
      absl::SleepFor(idle);
      return absl::OkStatus();
    }));
    Improve(quiet, alone);
    STORED_ASSIGN_OR_RETURN(const std::string token,
                            Upload(*stub, fmt::format("large {}", round), large));
    STORED_RETURN_IF_ERROR(AwaitRunning(*stub, token));
    STORED_ASSIGN_OR_RETURN(const Latencies beside,
                            others->MeasureUntil([&] { return AwaitCompletion(*stub, token); }));
    Improve(busy, beside);
  }
  constexpr std::array<const char*, kKinds> kNames = {"p99 of a status", "p99 of a first page",
                                                      "p99 of a small upload's token"};
  std::vector<Measured> lines;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    lines.push_back({.what = kNames[kind],
                     .unit = Unit::kSeconds,
                     .figure = busy[kind],
                     .floor = quiet[kind],
                     .goals = TimeGoals(context, {{.value = 3}})});
  }
  return lines;
}

}  // namespace stored::bench
