#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// Measurements of stored. Each figure is printed beside its floor: the least that the same work can
// cost, measured in the same run by a program that does only that work. The ratio is what counts,
// because machines vary.
namespace stored::bench {

enum class Unit {
  kSeconds,
  kBytes,
  kBytesPerSecond,
  kCallsPerSecond,
  kInstructions,
  kCount,
};

// The value that a ratio, or a figure by itself, must reach.
struct Goal {
  enum class Of { kRatio, kFigure };
  enum class Bound { kAtMost, kAtLeast };

  Of of = Of::kRatio;
  Bound bound = Bound::kAtMost;
  double value = 0;  // For a bound on the figure: in its unit.
};

// One line of the table.
struct Measured {
  std::string what;  // Which of the benchmark's figures: "wall", "server's memory".
  Unit unit = Unit::kSeconds;
  double figure = 0;
  std::optional<double> floor;
  // True if `floor` is a competitor's figure instead of a floor. The ratio is then floor / figure:
  // how many times faster stored is.
  bool beats = false;
  // For kRatio: figure / floor. For rates that is less than 1 if stored is slower.
  std::vector<Goal> goals;  // Empty for a line that is only for information.
};

bool Meets(const Measured& measured, const Goal& goal);

// The amount of work. kSmall is for CI: the same code, done in a minute or two on a machine that
// also does other things.
enum class Size { kFull, kSmall };

// The input of a benchmark.
struct Context {
  std::string programs;     // The directory of stored, storectl and the floors' programs.
  std::string directory;    // A directory of its own, empty, on a disk, removed afterwards.
  std::string reports;      // A directory of report files from which a corpus is made.
  std::string codechecker;  // CodeChecker's program. Empty: the one on PATH.
  Size size = Size::kFull;
};

struct Benchmark {
  std::string name;
  std::string work;   // One line, for --list.
  std::string floor;  // The floor or competitor that it is compared with. One line, for --list.
  // Returns NOT_FOUND if the machine lacks something that the benchmark needs; it is skipped then,
  // and the message gives the reason. Any other error fails the whole run.
  std::function<absl::StatusOr<std::vector<Measured>>(const Context&)> run;
};

}  // namespace stored::bench
