#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "bench/alternate.h"
#include "bench/corpus.h"
#include "bench/storing/codechecker.h"
#include "bench/storing/storing_benchmarks.h"
#include "bench/storing/upload.h"

namespace stored::bench {
namespace {

// CodeChecker mostly waits when it stores one copy, and the time varies; 20 copies take it minutes.
int RepeatsOfPeer(const Context& context, int copies) {
  return context.size == Size::kFull && copies == 1 ? 3 : 1;
}

// Stores the same corpus with stored and with CodeChecker, each with a new server.
absl::StatusOr<Measured> StoreBoth(const Context& context, const std::string& program, int copies) {
  const std::string corpus = context.directory + "/corpus";
  const std::string reports = corpus + "/reports";
  STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, copies, corpus));
  uint64_t stored_has = 0;
  const auto figure = [&]() -> absl::StatusOr<double> {
    ::sync();  // Earlier writes must not burden the disk during this store.
    STORED_ASSIGN_OR_RETURN(const Uploaded uploaded, UploadAnew(context, reports));
    stored_has = uploaded.status.result().reports();
    return uploaded.client.wall;
  };
  const auto floor = [&]() -> absl::StatusOr<double> {
    const std::string directory = context.directory + "/codechecker";
    Cost cost;
    {
      STORED_ASSIGN_OR_RETURN(const std::unique_ptr<CodeChecker> peer,
                              CodeChecker::Start(program, directory));
      ::sync();
      STORED_ASSIGN_OR_RETURN(cost, peer->Store(reports));
      STORED_ASSIGN_OR_RETURN(const uint64_t peer_has, peer->CountReports());
      if (peer_has != stored_has) {
        return absl::InternalError(
            fmt::format("stored has {} reports, CodeChecker {}", stored_has, peer_has));
      }
    }
    std::filesystem::remove_all(directory);
    return cost.wall;
  };
  STORED_ASSIGN_OR_RETURN(const Pair fastest,
                          Alternate(RepeatsOfPeer(context, copies), Better::kLess, figure, floor));
  std::filesystem::remove_all(corpus);
  return Measured{.what = copies == 1 ? "wall, 1 copy" : fmt::format("wall, {} copies", copies),
                  .unit = Unit::kSeconds,
                  .figure = fastest.figure,
                  .floor = fastest.floor,
                  .beats = true,
                  .goals = {{.bound = Goal::Bound::kAtLeast, .value = 60}}};
}

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchPeer(const Context& context) {
  std::string program = context.codechecker;
  if (program.empty()) {
    const absl::StatusOr<std::string> found = FindProgram("CodeChecker");
    if (!found.ok()) {
      return absl::NotFoundError("CodeChecker is not on PATH; name it with --codechecker");
    }
    program = *found;
  }
  std::vector<Measured> lines;
  STORED_ASSIGN_OR_RETURN(lines.emplace_back(), StoreBoth(context, program, 1));
  if (context.size == Size::kSmall) return lines;
  STORED_ASSIGN_OR_RETURN(lines.emplace_back(), StoreBoth(context, program, 20));
  return lines;
}

}  // namespace stored::bench
