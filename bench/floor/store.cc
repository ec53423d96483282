#include "bench/floor/store.h"

#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "bench/floor/database.h"
#include "bench/floor/plist.h"

namespace stored::bench::floor {
namespace {

// The same level as stored's for sources.
constexpr int kCompressionLevel = 3;
constexpr uint64_t kMaxSourceBytes = uint64_t{16} << 20;
// The number of parsed plists that may wait for the database.
constexpr size_t kMaxWaiting = 16;

struct Content {
  uint32_t file = 0;
  Sha256Digest sha256;
  std::string zstd;
  uint64_t size = 0;
};

// The reports and source contents of one plist.
struct Batch {
  ParsedPlist plist;
  std::vector<Content> contents;
};

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

std::optional<Content> Pack(uint32_t file, const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxSourceBytes);
  if (!text.ok()) return std::nullopt;
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  Content content{.file = file, .sha256 = Sha256::Of(*text), .zstd = {}, .size = text->size()};
  content.zstd.resize(ZSTD_compressBound(text->size()));
  content.zstd.resize(ZSTD_compressCCtx(context.get(), content.zstd.data(), content.zstd.size(),
                                        text->data(), text->size(), kCompressionLevel));
  return content;
}

// Carries batches from the threads that parse to the thread that inserts.
class Queue {
 public:
  void Put(Batch batch) {
    MutexLock lock(mutex_);
    while (batches_.size() >= kMaxWaiting) changed_.Wait(lock);
    batches_.push_back(std::move(batch));
    changed_.NotifyAll();
  }
  Batch Take() {
    MutexLock lock(mutex_);
    while (batches_.empty()) changed_.Wait(lock);
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.NotifyAll();
    return batch;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::deque<Batch> batches_ ABSL_GUARDED_BY(mutex_);
};

// Runs `work` for every plist, on all cores.
template <typename Work>
std::vector<std::thread> StartThreads(const std::vector<std::string>& plists,
                                      std::atomic<size_t>& next, Work work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&plists, &next, work] {
      for (size_t at = next++; at < plists.size(); at = next++) work(plists[at]);
    });
  }
  return threads;
}

void Insert(const Batch& batch, std::vector<std::string>& digests, ReportDatabase& database) {
  for (const Row& row : batch.plist.rows) database.AddReport(row);
  for (const Content& content : batch.contents) {
    database.AddContent(content.sha256.Raw(), content.zstd, content.size);
    digests.resize(std::max<size_t>(digests.size(), content.file));
    digests[content.file - 1] = content.sha256.Raw();
  }
}

}  // namespace

Counts Parse(const std::string& directory) {
  const std::vector<std::string> plists = PlistsIn(directory);
  Seen seen;
  std::atomic<size_t> next = 0;
  std::atomic<uint64_t> diagnostics = 0;
  std::atomic<uint64_t> reports = 0;
  for (std::thread& thread : StartThreads(plists, next, [&](const std::string& path) {
         const ParsedPlist parsed = ParsePlist(path, /*want_rows=*/false, seen);
         diagnostics += parsed.diagnostics;
         reports += parsed.reports;
       })) {
    thread.join();
  }
  return {diagnostics, reports};
}

Counts Store(const std::string& directory, const std::string& path) {
  const std::vector<std::string> plists = PlistsIn(directory);
  Seen seen;
  Queue queue;
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads = StartThreads(plists, next, [&](const std::string& plist) {
    Batch batch{ParsePlist(plist, /*want_rows=*/true, seen), {}};
    for (const uint32_t file : batch.plist.files) {
      if (std::optional<Content> content = Pack(file, seen.PathOf(file))) {
        batch.contents.push_back(*std::move(content));
      }
    }
    queue.Put(std::move(batch));
  });
  Counts counts;
  ReportDatabase database(path);
  std::vector<std::string> digests;
  for (size_t i = 0; i < plists.size(); ++i) {
    const Batch batch = queue.Take();
    counts.diagnostics += batch.plist.diagnostics;
    counts.reports += batch.plist.reports;
    Insert(batch, digests, database);
  }
  for (std::thread& thread : threads) thread.join();
  digests.resize(seen.files().size());
  for (size_t i = 0; i < digests.size(); ++i) {
    database.AddFile(static_cast<uint32_t>(i + 1), seen.files()[i].path, digests[i]);
  }
  database.Commit();
  return counts;
}

}  // namespace stored::bench::floor
