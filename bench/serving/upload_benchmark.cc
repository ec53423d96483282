#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "bench/alternate.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/content.h"
#include "bench/serving/serving_benchmarks.h"

namespace stored::bench {
namespace {

// Returns the bytes per second until the token.
absl::StatusOr<double> Rate(v1::StoreService::Stub& stub, const Content& content,
                            std::string* token) {
  ::sync();  // Earlier writes must not burden the disk during this upload.
  const absl::Time start = absl::Now();
  STORED_ASSIGN_OR_RETURN(*token, Upload(stub, "upload", content));
  return static_cast<double>(content.size()) / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace

absl::StatusOr<std::vector<Measured>> MeasureUpload(const Context& context) {
  const bool small = context.size == Size::kSmall;
  const uint64_t size = small ? 100'000'000 : 1'000'000'000;
  // The payload starts like a bundle, so the server accepts it and returns a token. Bytes follow
  // the end of the bundle, so the worker refuses it soon.
  STORED_ASSIGN_OR_RETURN(std::string head, MakeBundle(1, context.directory));
  const Content content = Content::WithNoise(head, size);
  STORED_ASSIGN_OR_RETURN(const Server server,
                          Server::Start(context.programs, context.directory + "/stored"));
  STORED_ASSIGN_OR_RETURN(const Server bare,
                          Server::StartFloor(context.programs, context.directory + "/floor"));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  const auto bare_stub = v1::StoreService::NewStub(NewChannel(bare.address()));
  std::string token;
  const auto figure = [&]() -> absl::StatusOr<double> {
    STORED_ASSIGN_OR_RETURN(const double rate, Rate(*stub, content, &token));
    // The store becomes FAILED, and its payload is removed.
    STORED_RETURN_IF_ERROR(AwaitEnd(*stub, token).status());
    return rate;
  };
  const auto floor = [&] { return Rate(*bare_stub, content, &token); };
  STORED_ASSIGN_OR_RETURN(const Pair rate, Alternate(small ? 2 : 5, Better::kMore, figure, floor));
  return std::vector<Measured>{{.what = "rate",
                                .unit = Unit::kBytesPerSecond,
                                .figure = rate.figure,
                                .floor = rate.floor,
                                .goals = {{.bound = Goal::Bound::kAtLeast, .value = 0.8}}}};
}

}  // namespace stored::bench
