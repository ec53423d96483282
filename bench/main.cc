// bench: runs the benchmarks and prints their table.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "bench/benchmarks.h"
#include "bench/corpus.h"
#include "bench/table.h"

namespace stored::bench {
namespace {

struct Options {
  std::vector<std::string> names;
  std::string directory;
  std::string reports;
  std::string codechecker;
  bool small = false;
  bool check = false;
  bool list = false;
  bool markdown = false;
};

// Times are not judged in the small form, which runs on machines that also do other things.
bool IsTiming(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
    case Unit::kBytesPerSecond:
    case Unit::kCallsPerSecond:
      return true;
    case Unit::kBytes:
    case Unit::kInstructions:
    case Unit::kCount:
      return false;
  }
  return false;
}

// Returns 0 for success, 1 if a goal was missed with --check, and 2 if a benchmark failed.
int RunBenchmarks(const Options& options, const std::string& programs) {
  const absl::StatusOr<ReportsDirectory> reports = ReportsDirectory::Find(options.reports);
  if (!reports.ok()) {
    fmt::print(stderr, "bench: {}\n", std::string(reports.status().message()));
    return 2;
  }
  fmt::print(stderr, "bench: making corpora from the report files in {}\n", reports->path());
  Table table;
  bool failed = false;
  for (const Benchmark& benchmark : AllBenchmarks()) {
    if (!options.names.empty() && std::find(options.names.begin(), options.names.end(),
                                            benchmark.name) == options.names.end()) {
      continue;
    }
    fmt::print(stderr, "bench: {} ...\n", benchmark.name);
    const absl::StatusOr<TemporaryDirectory> directory =
        TemporaryDirectory::Create(options.directory, "stored-bench-");
    if (!directory.ok()) {
      fmt::print(stderr, "bench: {}\n", std::string(directory.status().message()));
      return 2;
    }
    Context context;
    context.programs = programs;
    context.directory = directory->path();
    context.reports = reports->path();
    context.codechecker = options.codechecker;
    context.size = options.small ? Size::kSmall : Size::kFull;
    const absl::StatusOr<std::vector<Measured>> lines = benchmark.run(context);
    // NOT_FOUND from a benchmark means that the machine lacks something that it needs. A system
    // error with this code means that a file is missing, which fails the whole run.
    if (absl::IsNotFound(lines.status()) && !IsSystemError(lines.status())) {
      fmt::print(stderr, "bench: {}: skipped: {}\n", benchmark.name,
                 std::string(lines.status().message()));
      continue;
    }
    if (!lines.ok()) {
      fmt::print(stderr, "bench: {}: {}\n", benchmark.name, std::string(lines.status().message()));
      failed = true;
      continue;
    }
    for (Measured line : *lines) {
      if (options.small && IsTiming(line.unit)) line.goals.clear();
      table.Add(benchmark.name, line);
    }
  }
  fmt::print("{}", options.markdown ? table.ToMarkdown() : table.ToText());
  if (failed) return 2;
  return options.check && table.Missed() > 0 ? 1 : 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Measures stored, each figure beside its floor from the same run.");
  Options options;
  app.add_option("BENCHMARK", options.names, "Benchmarks to run (all if none is named)");
  app.add_option(
      "--reports", options.reports,
      "Directory of report files from which corpora are made (the large sample, if it is "
      "beside the project; otherwise the project's own)");
  app.add_option("--dir", options.directory,
                 "Directory to write to, on a disk (the temporary directory)");
  app.add_option("--codechecker", options.codechecker,
                 "CodeChecker's program, which `peer` runs (the one on PATH)")
      ->check(CLI::ExistingFile)
      ->transform([](const std::string& path) { return std::filesystem::absolute(path).string(); });
  app.add_flag("--small", options.small, "Do less work: minutes instead of an hour");
  app.add_flag("--check", options.check, "Exit with 1 if a goal is missed");
  app.add_flag("--list", options.list, "List the benchmarks");
  app.add_flag("--markdown", options.markdown, "Print the table as docs/performance.md has it");
  CLI11_PARSE(app, argc, argv);
  if (options.list) {
    for (const Benchmark& benchmark : AllBenchmarks()) {
      fmt::print("{:<20} {}\n{:<20} floor: {}\n", benchmark.name, benchmark.work, "",
                 benchmark.floor);
    }
    return 0;
  }
  for (const std::string& name : options.names) {
    const std::vector<Benchmark> all = AllBenchmarks();
    if (std::none_of(all.begin(), all.end(),
                     [&](const Benchmark& benchmark) { return benchmark.name == name; })) {
      fmt::print(stderr, "bench: '{}' is not a benchmark; --list names them\n", name);
      return 2;
    }
  }
  return RunBenchmarks(options, std::filesystem::canonical("/proc/self/exe").parent_path());
}

}  // namespace
}  // namespace stored::bench

int main(int argc, char** argv) { return stored::bench::Main(argc, argv); }
