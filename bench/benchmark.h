#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

// stored's figures, each beside its floor: the least that the same work can cost, measured in the
// same run by a program that does that and no more. What is quoted is the ratio; machines vary.
namespace stored::bench {

enum class Unit {
  kSeconds,
  kBytes,
  kBytesPerSecond,
  kCallsPerSecond,
  kInstructions,
  kCount,
};

// What a ratio, or a figure by itself, has to be.
struct Goal {
  enum class Of { kRatio, kFigure };
  enum class Bound { kAtMost, kAtLeast };

  Of of = Of::kRatio;
  Bound bound = Bound::kAtMost;
  double value = 0;  // Of a figure: in its unit.
};

// One line of the table.
struct Measured {
  std::string what;  // Which of the benchmark's figures: "wall", "server's memory".
  Unit unit = Unit::kSeconds;
  double figure = 0;
  std::optional<double> floor;
  // What has to be beaten is no floor: the ratio is floor / figure, how many times faster stored
  // is.
  bool beats = false;
  // For kRatio: figure / floor, which for a rate is less than 1 where stored is slower.
  std::vector<Goal> goals;  // None: a line for information.
};

bool Meets(const Measured& measured, const Goal& goal);

// How much work. kSmall is for CI: the same code, in a minute or two, on a machine that does other
// things too.
enum class Size { kFull, kSmall };

// What a benchmark is given.
struct Context {
  std::string programs;     // The directory that has stored, storectl and the floors' programs.
  std::string directory;    // Its own, empty, on a disk, removed afterwards.
  std::string reports;      // A directory of report files that a corpus is made of.
  std::string codechecker;  // CodeChecker's program; empty: the one on PATH.
  Size size = Size::kFull;
};

struct Benchmark {
  std::string name;
  std::string work;   // One line, for --list.
  std::string floor;  // What it is compared with; one line.
  // NOT_FOUND: something is missing here that the benchmark needs; it is skipped, and its message
  // says so. Any other error fails the whole run.
  std::function<absl::StatusOr<std::vector<Measured>>(const Context&)> run;
};

}  // namespace stored::bench
