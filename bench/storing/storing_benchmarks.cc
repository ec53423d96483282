#include "bench/storing/storing_benchmarks.h"

namespace stored::bench {

std::vector<Benchmark> StoringBenchmarks() {
  const std::string whole_floor =
      "one process: parse with pugixml, drop duplicates, insert reports and sources";
  return {
      {"store", "20 copies, storectl upload to COMPLETED, empty server", whole_floor, BenchStore},
      {"store-again", "the same 20 copies once more, nothing changed", "parse alone",
       BenchStoreAgain},
      {"store-changed", "the same 20 copies, one report in a hundred changed", "parse alone",
       BenchStoreChanged},
      {"store-small", "1 copy, as store", whole_floor, BenchStoreSmall},
      {"ingest", "20 copies, from ENQUEUED to COMPLETED on the server",
       "one process: decode the bundle, insert reports and sources", BenchIngest},
      {"lists", "a page of a run of 1,000,000 reports, median of 50 calls",
       "the same SQL through SQLite's C API, all columns read", BenchLists},
      {"growth", "20, 100 and 300 copies, as store: time per report, and memory",
       "time per report of the smallest", BenchGrowth},
      {"sarif", "a SARIF log of 200 MB, from its first byte to COMPLETED, empty server",
       "one process: write and sync the log, parse with simdjson, insert reports", BenchSarif},
      {"instructions", "1 copy, storectl upload, instructions as callgrind counts them",
       "parse alone", BenchInstructions},
      {"peer", "1 and 20 copies, as store", "CodeChecker's server and its client's store",
       BenchPeer},
  };
}

}  // namespace stored::bench
