// The table of OutcomeOfError(), row by row, and what an InputWatch says of the source of an error.
#include "engine/work/outcome.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "base/files/file.h"
#include "engine/work/input_watch.h"
#include "storage/policy/product_settings.h"

namespace stored::engine {
namespace {

using Kind = Outcome::Kind;
using storage::StoreErrorCode;

const std::vector<ErrorSource> kAllSources = {ErrorSource::kProduct,     ErrorSource::kStorage,
                                              ErrorSource::kOpenPayload, ErrorSource::kReadPayload,
                                              ErrorSource::kIngest,      ErrorSource::kThreads};

// An outcome in one line: "failed 1", "put off".
std::string Show(const Outcome& outcome) {
  switch (outcome.kind()) {
    case Kind::kCompleted:
      return "completed";
    case Kind::kFailed:
      return "failed " + std::to_string(static_cast<int>(outcome.error().code));
    case Kind::kCancelled:
      return "cancelled";
    case Kind::kPutOff:
      return "put off";
    case Kind::kInterrupted:
      return "interrupted";
  }
  return "?";
}

std::string After(ErrorSource source, const absl::Status& status) {
  return Show(OutcomeOfError(source, status, false));
}

std::string Failed(StoreErrorCode code) {
  return "failed " + std::to_string(static_cast<int>(code));
}

TEST(OutcomeOfErrorTest, Cancelled_ByAClientOrByTheStop) {
  const absl::Status status = absl::CancelledError("stopped");
  for (const ErrorSource source : kAllSources) {
    EXPECT_EQ(Show(OutcomeOfError(source, status, true)), "cancelled");
    EXPECT_EQ(Show(OutcomeOfError(source, status, false)), "interrupted");
  }
  EXPECT_EQ(Outcome::Cancelled().error().code, StoreErrorCode::kCancelled);
}

// A client that asks for the cancellation does not change what another error means.
TEST(OutcomeOfErrorTest, OtherError_OfACancelledStore_KeepsItsMeaning) {
  const absl::Status status = absl::InvalidArgumentError("bad");
  EXPECT_EQ(Show(OutcomeOfError(ErrorSource::kReadPayload, status, true)),
            Failed(StoreErrorCode::kBadInput));
}

TEST(OutcomeOfErrorTest, Memory_ExceedsALimit) {
  const Outcome outcome =
      OutcomeOfError(ErrorSource::kMemory, absl::ResourceExhaustedError("no memory"), false);
  EXPECT_EQ(Show(outcome), Failed(StoreErrorCode::kLimitExceeded));
  EXPECT_EQ(outcome.error().message, "no memory");
}

TEST(OutcomeOfErrorTest, NotFound_IsAGoneProduct_WhereTheProductIsLookedUp) {
  const absl::Status status = absl::NotFoundError("no product");
  for (const ErrorSource source : kAllSources) {
    EXPECT_EQ(After(source, status),
              Failed(source == ErrorSource::kProduct ? StoreErrorCode::kProductGone
                                                     : StoreErrorCode::kServer));
  }
}

TEST(OutcomeOfErrorTest, ProductLimit_ExceedsALimit) {
  const absl::Status status = storage::ReportLimitError("default", 1);
  ASSERT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_EQ(After(ErrorSource::kIngest, status), Failed(StoreErrorCode::kLimitExceeded));
}

TEST(OutcomeOfErrorTest, InvalidArgument_IsTheSendersFault_WhereThePayloadIsRead) {
  const absl::Status status = absl::InvalidArgumentError("malformed");
  EXPECT_EQ(After(ErrorSource::kOpenPayload, status), Failed(StoreErrorCode::kBadInput));
  EXPECT_EQ(After(ErrorSource::kReadPayload, status), Failed(StoreErrorCode::kBadInput));
  EXPECT_EQ(After(ErrorSource::kIngest, status), Failed(StoreErrorCode::kServer));
  EXPECT_EQ(After(ErrorSource::kStorage, status), Failed(StoreErrorCode::kServer));
}

TEST(OutcomeOfErrorTest, ResourceExhausted_IsALimit_WhereThePayloadIsRead) {
  const absl::Status status = absl::ResourceExhaustedError("too large");
  EXPECT_EQ(After(ErrorSource::kOpenPayload, status), Failed(StoreErrorCode::kLimitExceeded));
  EXPECT_EQ(After(ErrorSource::kReadPayload, status), Failed(StoreErrorCode::kLimitExceeded));
}

TEST(OutcomeOfErrorTest, FullDisk_PutsOff_ButNotWhereThePayloadIsUnpacked) {
  const absl::Status status = ErrnoStatus(ENOSPC, "spool");
  for (const ErrorSource source : kAllSources) {
    const Outcome outcome = OutcomeOfError(source, status, false);
    if (source == ErrorSource::kOpenPayload) {
      EXPECT_EQ(Show(outcome), Failed(StoreErrorCode::kServer));
      EXPECT_EQ(outcome.error().message, std::string(status.message()) +
                                             "; free space on the server's disk and upload again");
    } else {
      EXPECT_EQ(Show(outcome), "put off");
      EXPECT_EQ(outcome.reason(), status);
    }
  }
}

TEST(OutcomeOfErrorTest, Unavailable_PutsOff) {
  for (const ErrorSource source : kAllSources) {
    EXPECT_EQ(After(source, absl::UnavailableError("locked")), "put off");
    EXPECT_EQ(After(source, ErrnoStatus(EIO, "disk")), "put off");
  }
}

TEST(OutcomeOfErrorTest, AnythingElse_IsTheServersFault) {
  for (const ErrorSource source : kAllSources) {
    EXPECT_EQ(After(source, absl::DataLossError("damaged")), Failed(StoreErrorCode::kServer));
    EXPECT_EQ(After(source, absl::InternalError("?")), Failed(StoreErrorCode::kServer));
    EXPECT_EQ(After(source, ErrnoStatus(EACCES, "spool")), Failed(StoreErrorCode::kServer));
  }
}

// A stream of one file and then, if told so, an error of its own.
class OneFile final : public reports::ReportStream {
 public:
  explicit OneFile(absl::Status end) : end_(std::move(end)) {}

  std::unique_ptr<reports::Reading> Open(reports::ReportExtent /*extent*/) override {
    return std::make_unique<reports::DeferredReading>([this](reports::ReportSink& sink) {
      const absl::Status added = sink.AddFile({"a.c", ""});
      return added.ok() ? end_ : added;
    });
  }

 private:
  const absl::Status end_;
};

// Refuses every file with `refusal`.
class FileSink final : public reports::ReportSink {
 public:
  explicit FileSink(absl::Status refusal) : refusal_(std::move(refusal)) {}

  absl::Status AddAnalysis(reports::Analysis) override { return absl::OkStatus(); }
  absl::Status AddFile(reports::SourceFile) override { return refusal_; }
  absl::Status AddReport(reports::Report) override { return absl::OkStatus(); }
  absl::Status AddContent(std::string_view, std::string_view, uint64_t) override {
    return absl::OkStatus();
  }
  absl::Status Finish(const reports::CollectionSummary&) override { return absl::OkStatus(); }

 private:
  const absl::Status refusal_;
};

TEST(InputWatchTest, TellsErrorsOfTheInputFromThoseOfTheSink) {
  const absl::Status error = absl::InvalidArgumentError("no");
  OneFile bad(error);
  OneFile good(absl::OkStatus());
  FileSink accepting(absl::OkStatus());
  FileSink refusing(error);
  InputWatch bad_watch(bad);
  EXPECT_FALSE(bad_watch.input_failed());
  EXPECT_EQ(bad_watch.ReadInto(accepting), error);
  EXPECT_TRUE(bad_watch.input_failed());
  EXPECT_EQ(bad_watch.ReadInto(refusing), error);
  EXPECT_FALSE(bad_watch.input_failed());
  InputWatch good_watch(good);
  EXPECT_TRUE(good_watch.ReadInto(accepting).ok());
  EXPECT_FALSE(good_watch.input_failed());
}

}  // namespace
}  // namespace stored::engine
