#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/testing/forwarding_file_system.h"
#include "engine/intake/upload_receiver.h"
#include "engine/status/poll_advice.h"
#include "engine/status/status_hub.h"
#include "engine/testing/end_watcher.h"
#include "engine/testing/quiet_ingest.h"
#include "engine/work/executor.h"
#include "storage/sqlite/sqlite_backend.h"

namespace stored::engine {

// A SARIF log with one result.
inline constexpr char kOneResult[] =
    R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[{"ruleId":"r",)"
    R"("message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.c"},)"
    R"("region":{"startLine":1}}}]}]}]})";

// The real file system, except that SizeOf() returns `size_error` while that is an error.
class FilesInTrouble final : public ForwardingFileSystem {
 public:
  absl::StatusOr<uint64_t> SizeOf(const std::string& path) override {
    if (!size_error.ok()) return size_error;
    return ForwardingFileSystem::SizeOf(path);
  }

  absl::Status size_error;
};

// The engine on real storage in a directory of its own, without a network.
class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "engine-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    Open();
  }

  // Opens the directory as a server that starts does. REQUIRES: it is not open.
  void Open() {
    absl::StatusOr<std::unique_ptr<storage::Backend>> backend =
        storage::sqlite::OpenSqliteBackend(directory_->path(), absl::Now());
    ASSERT_TRUE(backend.ok()) << backend.status();
    backend_ = *std::move(backend);
    spool_ = *storage::Spool::Open(directory_->path() + "/spool", files_);
    registry_ = std::make_unique<UploadRegistry>(*spool_);
    executor_ = std::make_unique<Executor>(*backend_, *spool_, hub_, advice_, Clock::System(),
                                           Executor::Options{});
  }

  void Reopen() {
    executor_.reset();
    registry_.reset();
    spool_.reset();
    backend_.reset();
    Open();
  }

  // Uploads as a client would; the store is ENQUEUED afterwards.
  storage::StoreSession Accept(const std::string& payload, const std::string& run = "run",
                               storage::PayloadFormat format = storage::PayloadFormat::kSarif,
                               std::optional<absl::Duration> expire_after = std::nullopt) {
    UploadContext context{*backend_, *spool_, *registry_, hub_, advice_, Clock::System(), {}};
    UploadReceiver receiver(context);
    UploadReceiver::Header header;
    header.request.product = "default";
    header.request.run_name = run;
    header.request.format = format;
    header.request.expire_after = expire_after;
    EXPECT_TRUE(receiver.OnHeader(header).ok());
    EXPECT_TRUE(receiver.OnChunk(0, payload, {}).ok());
    absl::StatusOr<storage::StoreSession> session =
        receiver.OnTrailer(static_cast<int64_t>(payload.size()), Sha256::Of(payload));
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  // Claims the next store, as a worker does.
  storage::StoreSession Claim() {
    absl::StatusOr<std::optional<storage::StoreSession>> claimed =
        backend_->queue().ClaimNext(absl::Now(), {});
    EXPECT_TRUE(claimed.ok() && claimed->has_value()) << claimed.status();
    return claimed.ok() && *claimed ? **std::move(claimed) : storage::StoreSession();
  }

  // Starts the executor, waits for the end of the store, and stops the executor.
  storage::StoreSession RunToEnd(const storage::StoreSession& session) {
    const auto watcher = std::make_shared<EndWatcher>();
    EXPECT_TRUE(hub_.AddWatcher(session.token, watcher));
    EXPECT_TRUE(executor_->Start().ok());
    const std::shared_ptr<const LiveStatus> end = watcher->Wait();
    executor_->Stop(absl::Minutes(1));
    return end->session;
  }

  // Ingests results without a report under the session's token. Changes only the product's results,
  // not the queue.
  void IngestNothing(const storage::StoreSession& session) {
    class OneFile final : public reports::ReportStream {
     public:
      std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
        return std::make_unique<reports::DeferredReading>([](reports::ReportSink& sink) {
          const absl::Status added = sink.AddFile({"a.c", ""});
          return added.ok() ? sink.Finish({}) : added;
        });
      }
    } stream;
    ASSERT_TRUE(
        IngestQuietly(*backend_, session.token, session.request.run_name, stream, absl::Now())
            .ok());
  }

  size_t SpooledFiles() const {
    const std::filesystem::directory_iterator files(spool_->directory());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  FilesInTrouble files_;
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<storage::Backend> backend_;
  std::unique_ptr<storage::Spool> spool_;
  std::unique_ptr<UploadRegistry> registry_;
  StatusHub hub_;
  PollAdvice advice_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace stored::engine
