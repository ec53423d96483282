#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "storage/conformance/conformance.h"

namespace stored::storage {
namespace {

namespace fs = std::filesystem;

std::string EnqueueOne(SessionQueue& queue) {
  StoreRequest request;
  request.product = kDefaultProduct;
  request.run_name = "waiting";
  return queue.Enqueue(request, {"payload", 1, std::string(32, 'x')}, {}, At(0))->session.token;
}

TemporaryDirectory NewDirectory() { return *TemporaryDirectory::Create("", "backup-"); }

TEST_P(BackendConformance, Backup_OpensWithResultsAndQueue) {
  ReportList list = MakeReports(3);
  Ingest(list);
  const std::string token = EnqueueOne(queue());
  const TemporaryDirectory work = NewDirectory();
  const TemporaryDirectory copied = NewDirectory();
  BackupCopies copies(copied.path());
  int payloads = 0;
  copies.on_payload = [&](const std::string& file) {
    EXPECT_EQ(file, "payload");
    return ++payloads > 0;
  };
  ASSERT_TRUE(backend().Backup(work.path(), copies).ok());
  EXPECT_EQ(payloads, 1);
  const std::unique_ptr<Backend> copy = *GetParam().open(copied.path(), At(0));
  EXPECT_EQ((*copy->Results(kDefaultProduct))->ListRuns("", 10, "")->runs.at(0).reports, 3);
  EXPECT_EQ(copy->queue().Get(token)->state, StoreState::kEnqueued);
}

// The payload no longer exists by then, so the copy must not have an ENQUEUED session for it.
TEST_P(BackendConformance, Backup_StoreEndsAfterTheQueueWasCopied_HasEndedInTheCopy) {
  const std::string token = EnqueueOne(queue());
  const TemporaryDirectory work = NewDirectory();
  const TemporaryDirectory copied = NewDirectory();
  BackupCopies copies(copied.path());
  copies.on_payload = [&](const std::string&) {
    EXPECT_TRUE(queue().RequestCancel(token, At(5)).ok());
    return false;
  };
  ASSERT_TRUE(backend().Backup(work.path(), copies).ok());
  const StoreSession session = *(*GetParam().open(copied.path(), At(0)))->queue().Get(token);
  EXPECT_EQ(session.state, StoreState::kCancelled);
  EXPECT_EQ(session.finished_at, At(5));
}

TEST_P(BackendConformance, Backup_ProductGoesAfterTheQueueWasCopied_IsNotInTheCopy) {
  ASSERT_TRUE(backend().CreateProduct("brief", {}, At(0)).ok());
  EnqueueOne(queue());
  const TemporaryDirectory work = NewDirectory();
  const TemporaryDirectory copied = NewDirectory();
  BackupCopies copies(copied.path());
  copies.on_payload = [&](const std::string&) {
    EXPECT_TRUE(backend().DeleteProduct("brief", At(1)).ok());
    return true;
  };
  ASSERT_TRUE(backend().Backup(work.path(), copies).ok());
  const std::unique_ptr<Backend> copy = *GetParam().open(copied.path(), At(0));
  EXPECT_EQ(copy->Results("brief").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(copy->CreateProduct("brief", {}, At(2)).ok());
}

TEST_P(BackendConformance, Backup_Cancelled_ReturnsCancelled) {
  const TemporaryDirectory work = NewDirectory();
  const TemporaryDirectory copied = NewDirectory();
  BackupCopies copies(copied.path());
  copies.cancelled = true;
  EXPECT_EQ(backend().Backup(work.path(), copies).code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace stored::storage
