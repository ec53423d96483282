#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/files/file.h"
#include "base/status.h"
#include "bench/corpus.h"
#include "bench/process.h"
#include "bench/storing/storing_benchmarks.h"
#include "bench/storing/upload.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

// Each size is stored this often; the round with the median ratio counts.
constexpr int kRounds = 3;
constexpr double kMaxServerBytes = 200e6;
constexpr double kMaxClientBytes = 400e6;

std::vector<int> Sizes(const Context& context) {
  return context.size == Size::kFull ? std::vector<int>{20, 100, 300} : std::vector<int>{1, 3};
}

// The cost of storing one size.
struct Grown {
  double seconds = 0;  // Per 1,000 reports.
  uint64_t server_bytes = 0;
  uint64_t client_bytes = 0;
};

// One size, and the smallest size measured at the same time.
struct Round {
  Grown grown;
  double smallest = 0;  // Per 1,000 reports.

  double ratio() const { return grown.seconds / smallest; }
};

// Returns NOT_FOUND if the largest corpus would not fit on the disk. It consists of report files
// and sources; the bundle and the database made of them take half as much again.
absl::Status CheckSpace(const CorpusMaker& maker, int copies, const std::string& directory) {
  const uint64_t needed = maker.bytes() * static_cast<uint64_t>(copies) / 2 * 3;
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (error) return ErrnoStatus(error.value(), directory);
  if (space.available >= needed) return absl::OkStatus();
  return absl::NotFoundError(fmt::format(
      "{} copies take {} MB on disk, and only {} MB are free; choose another disk with --dir",
      copies, needed / 1'000'000, space.available / 1'000'000));
}

absl::Status Remove(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return error ? ErrnoStatus(error.value(), directory) : absl::OkStatus();
}

// Stores the corpus with a new server.
absl::StatusOr<Grown> StoreOnce(const Context& context, const std::string& corpus) {
  const std::string directory = context.directory + "/server";
  Grown grown;
  {
    STORED_ASSIGN_OR_RETURN(Server server, Server::Start(context.programs, directory));
    ::sync();  // The disk must not still be writing a new corpus during the measurement.
    STORED_ASSIGN_OR_RETURN(const Uploaded uploaded,
                            Upload(context.programs, server, corpus + "/reports"));
    STORED_ASSIGN_OR_RETURN(grown.server_bytes, server.process().PeakBytes());
    grown.seconds =
        uploaded.client.wall * 1000 / static_cast<double>(uploaded.status.result().reports());
    grown.client_bytes = uploaded.client.peak_bytes;
  }
  STORED_RETURN_IF_ERROR(Remove(directory));
  return grown;
}

// Stores `corpus` between two stores of `smallest`, because storing a large one takes so long that
// the machine's speed may change meanwhile.
absl::StatusOr<Round> StoreBetween(const Context& context, const std::string& smallest,
                                   const std::string& corpus) {
  Round round;
  STORED_ASSIGN_OR_RETURN(const Grown before, StoreOnce(context, smallest));
  STORED_ASSIGN_OR_RETURN(round.grown, StoreOnce(context, corpus));
  STORED_ASSIGN_OR_RETURN(const Grown after, StoreOnce(context, smallest));
  round.smallest = (before.seconds + after.seconds) / 2;
  return round;
}

absl::StatusOr<Round> StoreCopies(const Context& context, const CorpusMaker& maker, int copies,
                                  const std::string& smallest) {
  const std::string corpus = context.directory + "/corpus";
  STORED_RETURN_IF_ERROR(maker.Make(copies, /*changed=*/false, corpus));
  std::vector<Round> rounds;
  for (int i = 0; i < kRounds; ++i) {
    STORED_ASSIGN_OR_RETURN(rounds.emplace_back(), StoreBetween(context, smallest, corpus));
  }
  STORED_RETURN_IF_ERROR(Remove(corpus));
  const auto median = rounds.begin() + kRounds / 2;
  std::nth_element(rounds.begin(), median, rounds.end(),
                   [](const Round& a, const Round& b) { return a.ratio() < b.ratio(); });
  Round result = *median;
  // For memory, the highest value counts.
  for (const Round& round : rounds) {
    result.grown.server_bytes = std::max(result.grown.server_bytes, round.grown.server_bytes);
    result.grown.client_bytes = std::max(result.grown.client_bytes, round.grown.client_bytes);
  }
  return result;
}

Measured Peak(const std::string& what, uint64_t bytes, double most) {
  return {.what = what,
          .unit = Unit::kBytes,
          .figure = static_cast<double>(bytes),
          .goals = {{.of = Goal::Of::kFigure, .bound = Goal::Bound::kAtMost, .value = most}}};
}

void AddLines(int copies, const Grown& grown, std::optional<double> smallest,
              std::vector<Measured>& lines) {
  const std::string of = copies == 1 ? "1 copy" : fmt::format("{} copies", copies);
  Measured& wall = lines.emplace_back();
  wall = {.what = "wall per 1,000 reports, " + of,
          .unit = Unit::kSeconds,
          .figure = grown.seconds,
          .floor = smallest};
  if (smallest) wall.goals = {{.value = 1.1}};
  lines.push_back(Peak("server's peak memory, " + of, grown.server_bytes, kMaxServerBytes));
  lines.push_back(Peak("client's peak memory, " + of, grown.client_bytes, kMaxClientBytes));
}

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchGrowth(const Context& context) {
  STORED_ASSIGN_OR_RETURN(const CorpusMaker maker, CorpusMaker::Load(context.reports));
  const std::vector<int> sizes = Sizes(context);
  STORED_RETURN_IF_ERROR(CheckSpace(maker, sizes.back(), context.directory));
  const std::string smallest = context.directory + "/smallest";
  STORED_RETURN_IF_ERROR(maker.Make(sizes.front(), /*changed=*/false, smallest));
  std::vector<Measured> lines;
  STORED_ASSIGN_OR_RETURN(const Grown grown, StoreOnce(context, smallest));
  AddLines(sizes.front(), grown, std::nullopt, lines);
  for (size_t i = 1; i < sizes.size(); ++i) {
    STORED_ASSIGN_OR_RETURN(const Round round, StoreCopies(context, maker, sizes[i], smallest));
    AddLines(sizes[i], round.grown, round.smallest, lines);
  }
  STORED_RETURN_IF_ERROR(Remove(smallest));
  return lines;
}

}  // namespace stored::bench
