#include "storage/spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/time/clock.h"
#include "base/file.h"

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

TEST_F(SpoolTest, RemoveOrphans_LeavesWhatSomebodyNeeds) {
  std::unique_ptr<PartialPayload> wanted = *spool_->OpenPartial("wanted");
  std::unique_ptr<PartialPayload> unwanted = *spool_->OpenPartial("unwanted");
  const std::string kept = wanted->Seal(Sha256::Of(""))->file;
  const std::string gone = unwanted->Seal(Sha256::Of(""))->file;
  ASSERT_TRUE(spool_->OpenPartial("arriving").ok());
  std::filesystem::create_directories(spool_->PathOf("work-1/reports"));
  // Arrived again after it was accepted, and without an id, so that nobody can go on with it.
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

TEST_F(SpoolTest, RemoveExpired_GoesByTheLastTouch_AndLeavesPayloads) {
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
