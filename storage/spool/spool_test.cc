#include "storage/spool/spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/files/file.h"
#include "base/status.h"
#include "base/testing/forwarding_file_system.h"

namespace stored::storage {
namespace {

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "spool-test-");
    ASSERT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    absl::StatusOr<std::unique_ptr<Spool>> opened = Spool::Open(directory_->path() + "/spool");
    ASSERT_TRUE(opened.ok()) << opened.status();
    spool_ = *std::move(opened);
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Spool> spool_;
};

TEST_F(SpoolTest, Seal_KeepsTheBytesUnderTheFinalName) {
  std::unique_ptr<PartialPayload> payload = *spool_->OpenPartial("upload-1");
  ASSERT_TRUE(payload->Append("hello ").ok());
  ASSERT_TRUE(payload->Append("world").ok());
  EXPECT_EQ(payload->size(), 11u);
  absl::StatusOr<PartialPayload::Sealed> sealed = payload->Seal(Sha256::Of("hello world"));
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(*ReadFile(spool_->PathOf(sealed->file), 100), "hello world");
  EXPECT_EQ(spool_->PartialSize("upload-1").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SpoolTest, OpenPartial_GoesOnWhereAnEarlierConnectionStopped) {
  { ASSERT_TRUE((*spool_->OpenPartial("upload-1"))->Append("hello ").ok()); }
  EXPECT_EQ(*spool_->PartialSize("upload-1"), 6u);
  std::unique_ptr<PartialPayload> payload = *spool_->OpenPartial("upload-1");
  EXPECT_EQ(payload->size(), 6u);
  ASSERT_TRUE(payload->Append("world").ok());
  EXPECT_TRUE(payload->Seal(Sha256::Of("hello world")).ok());
}

TEST_F(SpoolTest, Seal_OtherDigest_IsDataLossAndNothingIsSealed) {
  std::unique_ptr<PartialPayload> payload = *spool_->OpenPartial("upload-1");
  ASSERT_TRUE(payload->Append("hello").ok());
  EXPECT_EQ(payload->Seal(Sha256::Of("other")).status().code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(payload->Truncate().ok());
  ASSERT_TRUE(payload->Append("other").ok());
  EXPECT_TRUE(payload->Seal(Sha256::Of("other")).ok());
}

// Records the calls of BeginSync.
class NotingFiles final : public ForwardingFileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override {
    STORED_ASSIGN_OR_RETURN(std::unique_ptr<File> real, ForwardingFileSystem::Open(path));
    return std::make_unique<NotingFile>(*this, std::move(real));
  }

  // Offset and size of each call.
  std::vector<std::pair<uint64_t, uint64_t>> begun;

 private:
  class NotingFile final : public ForwardingFile {
   public:
    NotingFile(NotingFiles& files, std::unique_ptr<File> real)
        : ForwardingFile(std::move(real)), files_(files) {}

    void BeginSync(uint64_t offset, uint64_t size) override {
      files_.begun.emplace_back(offset, size);
    }

   private:
    NotingFiles& files_;
  };
};

// Without this, a client would wait after its last byte until the whole file is written.
TEST_F(SpoolTest, Append_LargeUpload_BeginsSyncWhileMoreArrives) {
  NotingFiles files;
  const std::unique_ptr<Spool> spool = *Spool::Open(directory_->path() + "/noting", files);
  const std::unique_ptr<PartialPayload> payload = *spool->OpenPartial("upload-1");
  const std::string chunk(size_t{1} << 20, 'x');
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(payload->Append(chunk).ok());
  EXPECT_TRUE(files.begun.empty()) << "a small upload does not take long";
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(payload->Append(chunk).ok());
  uint64_t end = 0;
  for (const auto& [offset, size] : files.begun) {
    EXPECT_EQ(offset, end);
    end = offset + size;
  }
  EXPECT_EQ(files.begun.size(), 3u);
  EXPECT_EQ(end, uint64_t{24} << 20);
  // After Truncate, the first bytes are synced again.
  ASSERT_TRUE(payload->Truncate().ok());
  files.begun.clear();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(payload->Append(chunk).ok());
  ASSERT_EQ(files.begun.size(), 1u);
  EXPECT_EQ(files.begun[0].first, 0u);
}

TEST_F(SpoolTest, RemoveOrphans_LeavesFilesWithAnOwner) {
  std::unique_ptr<PartialPayload> wanted = *spool_->OpenPartial("wanted");
  std::unique_ptr<PartialPayload> unwanted = *spool_->OpenPartial("unwanted");
  const std::string kept = wanted->Seal(Sha256::Of(""))->file;
  const std::string gone = unwanted->Seal(Sha256::Of(""))->file;
  ASSERT_TRUE(spool_->OpenPartial("arriving").ok());
  std::filesystem::create_directories(spool_->PathOf("work-1/reports"));
  // One upload arrived again after it was accepted. Another has no id, so no client can continue
  // it.
  ASSERT_TRUE(spool_->OpenPartial("accepted").ok());
  ASSERT_TRUE(spool_->OpenPartial("").ok());
  Spool::Owners owners;
  owners.needs_payload = [&](const std::string& file) -> absl::StatusOr<bool> {
    return file == kept;
  };
  owners.was_accepted = [](const std::string& upload_id) -> absl::StatusOr<bool> {
    return upload_id == "accepted";
  };
  EXPECT_EQ(*spool_->RemoveOrphans(owners), 4);
  EXPECT_TRUE(std::filesystem::exists(spool_->PathOf(kept)));
  EXPECT_FALSE(std::filesystem::exists(spool_->PathOf(gone)));
  EXPECT_TRUE(spool_->PartialSize("arriving").ok());
}

TEST_F(SpoolTest, RemoveExpired_GoesByTheLastWrite_AndLeavesPayloads) {
  ASSERT_TRUE((*spool_->OpenPartial("arriving"))->Append("hello").ok());
  ASSERT_TRUE((*spool_->OpenPartial("accepted"))->Seal(Sha256::Of("")).ok());
  const Spool::Expired nothing;
  const Spool::Expired one = {1, 5};
  EXPECT_EQ(*spool_->RemoveExpired(absl::Now() - absl::Hours(1)), nothing);
  EXPECT_EQ(*spool_->CountExpired(absl::Now() + absl::Hours(1)), one);
  EXPECT_EQ(*spool_->RemoveExpired(absl::Now() + absl::Hours(1)), one);
  EXPECT_FALSE(spool_->PartialSize("arriving").ok());
  EXPECT_FALSE(std::filesystem::is_empty(spool_->directory()));
}

}  // namespace
}  // namespace stored::storage
