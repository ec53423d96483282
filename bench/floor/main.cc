// bench_floor: the least that the work of stored can cost, done by plain good code in one process.
// It uses stored's own code only for base/ and, in `ingest`, for decoding a bundle.
//
//   bench_floor parse DIRECTORY            plists: parse on all cores, drop duplicates
//   bench_floor store DIRECTORY DATABASE   the same, and store reports and sources
//   bench_floor ingest BUNDLE DATABASE     decode a bundle and store its contents
//   bench_floor sarif LOG DATABASE         store a SARIF log and its results
//
// Prints the numbers of diagnostics and distinct reports.
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "bench/floor/ingest.h"
#include "bench/floor/sarif.h"
#include "bench/floor/store.h"

namespace stored::bench::floor {
namespace {

int Main(int argc, char** argv) {
  Counts counts;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "parse" && argc == 3) {
    counts = Parse(argv[2]);
  } else if (command == "store" && argc == 4) {
    counts = Store(argv[2], argv[3]);
  } else if (command == "ingest" && argc == 4) {
    counts = Ingest(argv[2], argv[3]);
  } else if (command == "sarif" && argc == 4) {
    counts = Sarif(argv[2], argv[3]);
  } else {
    std::fputs(
        "usage: bench_floor parse DIR | store DIR DATABASE | ingest BUNDLE DATABASE | "
        "sarif LOG DATABASE\n",
        stderr);
    return 2;
  }
  std::printf("%" PRIu64 " %" PRIu64 "\n", counts.diagnostics, counts.reports);
  return 0;
}

}  // namespace
}  // namespace stored::bench::floor

int main(int argc, char** argv) { return stored::bench::floor::Main(argc, argv); }
