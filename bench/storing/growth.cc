#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/status.h"
#include "bench/corpus.h"
#include "bench/process.h"
#include "bench/storing/storing_benchmarks.h"
#include "bench/storing/upload.h"

namespace stored::bench {
namespace {

namespace fs = std::filesystem;

// Each size is stored so often, and the fastest counts.
constexpr int kRepeats = 2;
constexpr double kMaxServerBytes = 200e6;
constexpr double kMaxClientBytes = 400e6;

std::vector<int> Sizes(const Context& context) {
  return context.size == Size::kFull ? std::vector<int>{20, 100, 300} : std::vector<int>{1, 3};
}

// What one size took.
struct Grown {
  double seconds = 0;  // Per 1,000 reports.
  uint64_t server_bytes = 0;
  uint64_t client_bytes = 0;
};

// NOT_FOUND where the largest corpus would not fit. Beside its report files it has sources, and
// there are the bundle and the database that are made of it: half as much again.
absl::Status CheckSpace(const CorpusMaker& maker, int copies, const std::string& directory) {
  const uint64_t needed = maker.bytes() * static_cast<uint64_t>(copies) / 2 * 3;
  std::error_code error;
  const fs::space_info space = fs::space(directory, error);
  if (error) return ErrnoStatus(error.value(), directory);
  if (space.available >= needed) return absl::OkStatus();
  return absl::NotFoundError(fmt::format(
      "{} copies take {} MB of disk, and there are {} MB where it writes; --dir says where else",
      copies, needed / 1'000'000, space.available / 1'000'000));
}

absl::Status Remove(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return error ? ErrnoStatus(error.value(), directory) : absl::OkStatus();
}

// Stores the corpus with a new server, and notes what was better and what was more.
absl::Status StoreOnce(const Context& context, const std::string& corpus,
                       std::optional<Grown>& grown) {
  const std::string directory = context.directory + "/server";
  {
    STORED_ASSIGN_OR_RETURN(Server server, Server::Start(context.programs, directory));
    ::sync();  // A corpus that was just made is for the disk to write, but not meanwhile.
    STORED_ASSIGN_OR_RETURN(const Uploaded uploaded,
                            Upload(context.programs, server, corpus + "/reports"));
    STORED_ASSIGN_OR_RETURN(const uint64_t server_bytes, server.process().PeakBytes());
    const double seconds =
        uploaded.client.wall * 1000 / static_cast<double>(uploaded.status.result().reports());
    if (!grown) grown = Grown{.seconds = seconds};
    grown->seconds = std::min(grown->seconds, seconds);
    grown->server_bytes = std::max(grown->server_bytes, server_bytes);
    grown->client_bytes = std::max(grown->client_bytes, uploaded.client.peak_bytes);
  }
  return Remove(directory);
}

absl::StatusOr<Grown> StoreCopies(const Context& context, const CorpusMaker& maker, int copies) {
  const std::string corpus = context.directory + "/corpus";
  STORED_RETURN_IF_ERROR(maker.Make(copies, /*changed=*/false, corpus));
  std::optional<Grown> grown;
  for (int i = 0; i < kRepeats; ++i) {
    STORED_RETURN_IF_ERROR(StoreOnce(context, corpus, grown));
  }
  STORED_RETURN_IF_ERROR(Remove(corpus));
  return *grown;
}

Measured Peak(const std::string& what, uint64_t bytes, double most) {
  return {.what = what,
          .unit = Unit::kBytes,
          .figure = static_cast<double>(bytes),
          .goals = {{.of = Goal::Of::kFigure, .bound = Goal::Bound::kAtMost, .value = most}}};
}

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchGrowth(const Context& context) {
  STORED_ASSIGN_OR_RETURN(const CorpusMaker maker, CorpusMaker::Load(context.reports));
  const std::vector<int> sizes = Sizes(context);
  STORED_RETURN_IF_ERROR(CheckSpace(maker, sizes.back(), context.directory));
  std::vector<Measured> lines;
  std::optional<double> smallest;
  for (const int copies : sizes) {
    STORED_ASSIGN_OR_RETURN(const Grown grown, StoreCopies(context, maker, copies));
    const std::string of = copies == 1 ? "1 copy" : fmt::format("{} copies", copies);
    Measured& wall = lines.emplace_back();
    wall = {.what = "wall per 1,000 reports, " + of,
            .unit = Unit::kSeconds,
            .figure = grown.seconds,
            .floor = smallest};
    if (smallest) wall.goals = {{.value = 1.1}};
    if (!smallest) smallest = grown.seconds;
    lines.push_back(Peak("server's peak memory, " + of, grown.server_bytes, kMaxServerBytes));
    lines.push_back(Peak("client's peak memory, " + of, grown.client_bytes, kMaxClientBytes));
  }
  return lines;
}

}  // namespace stored::bench
