#include "bench/serving/serving_benchmarks.h"

#include <utility>

namespace stored::bench {

std::vector<Benchmark> ServingBenchmarks() {
  return {
      {.name = "upload",
       .work = "1 GB through Upload to a token",
       .floor = "a bare service that writes each chunk and syncs at the end",
       .run = MeasureUpload},
      {.name = "poll",
       .work = "GetStatus by 16 threads, on connections they keep and on a new one each time",
       .floor = "a bare service that echoes the same message",
       .run = MeasurePoll},
      {.name = "watch",
       .work = "10,000 watchers of one store",
       .floor = "a bare service that holds as many idle streams",
       .run = MeasureWatch},
      {.name = "writers",
       .work = "16 clients store 1 copy each, into runs of their own, at once, empty server",
       .floor = "16 times one process: decode the bundle, insert reports and sources",
       .run = MeasureWriters},
      {.name = "undisturbed",
       .work = "p99 of statuses, pages and tokens while 1,000,000 reports are stored",
       .floor = "the same on an idle server",
       .run = MeasureUndisturbed},
  };
}

}  // namespace stored::bench
