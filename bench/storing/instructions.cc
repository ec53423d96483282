#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/files/file.h"
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

// The goal is about a tenth above the largest measured ratio, see bench/README.md.
constexpr double kGoal = 1.55;
constexpr uint64_t kMaxProfileBytes = uint64_t{1} << 30;

std::vector<std::string> Callgrind(const std::string& profile) {
  return {"valgrind", "--tool=callgrind", "--callgrind-out-file=" + profile};
}

// Returns the number of instructions that a profile counted, in all threads.
absl::StatusOr<double> CountIn(const std::string& profile) {
  constexpr std::string_view kKey = "\ntotals: ";
  STORED_ASSIGN_OR_RETURN(const std::string text, ReadFile(profile, kMaxProfileBytes));
  const size_t at = text.find(kKey);
  uint64_t count = 0;
  if (at == std::string::npos ||
      !absl::SimpleAtoi(text.substr(at + kKey.size(), text.find('\n', at + 1) - at - kKey.size()),
                        &count)) {
    return absl::InternalError(profile + " has no totals");
  }
  return static_cast<double>(count);
}

// Counts the instructions of storectl, and of bench_floor with the same reports.
absl::StatusOr<Pair> Count(const Context& context) {
  const std::string reports = context.directory + "/reports";
  const std::string profile = context.directory + "/profile";
  v1::StoreResult stored_found;
  const auto figure = [&]() -> absl::StatusOr<double> {
    // A new server has no sources yet.
    STORED_ASSIGN_OR_RETURN(const Uploaded uploaded,
                            UploadAnew(context, reports, Callgrind(profile)));
    stored_found = uploaded.status.result();
    return CountIn(profile);
  };
  const auto floor = [&]() -> absl::StatusOr<double> {
    std::vector<std::string> command = Callgrind(profile);
    command.insert(command.end(), {context.programs + "/bench_floor", "parse", reports});
    STORED_ASSIGN_OR_RETURN(const Finished finished, Run(command));
    STORED_RETURN_IF_ERROR(CheckSame(stored_found, finished.output));
    return CountIn(profile);
  };
  return Alternate(context.size == Size::kSmall ? 1 : 2, Better::kLess, figure, floor);
}

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchInstructions(const Context& context) {
  if (!FindProgram("valgrind").ok()) {
    return absl::NotFoundError("valgrind is not installed; scripts/setup installs it");
  }
  STORED_RETURN_IF_ERROR(MakeCorpus(context.reports, 1, context.directory));
  const auto line = [](const std::string& what, const Pair& counts) {
    return Measured{
        .what = what, .unit = Unit::kInstructions, .figure = counts.figure, .floor = counts.floor};
  };
  std::vector<Measured> lines;
  // The amount of sources depends on the reports that the corpus is made of, so no goal can be set
  // for them.
  if (context.size == Size::kFull) {
    STORED_ASSIGN_OR_RETURN(const Pair all, Count(context));
    lines.push_back(line("client's, with sources", all));
  }
  fs::remove_all(context.directory + "/src");
  STORED_ASSIGN_OR_RETURN(const Pair reports, Count(context));
  lines.push_back(line("client's, reports alone", reports));
  lines.back().goals = {{.value = kGoal}};
  return lines;
}

}  // namespace stored::bench
