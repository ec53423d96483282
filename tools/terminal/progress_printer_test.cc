#include "tools/terminal/progress_printer.h"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>

#include "absl/time/clock.h"
#include "client/testing/fake_clock.h"

namespace stored::tools {
namespace {

v1::StoreStatus Queued(int32_t before) {
  v1::StoreStatus status;
  status.set_state(v1::STORE_STATE_ENQUEUED);
  status.set_queue_position(before);
  return status;
}

v1::StoreStatus Comparing(int64_t done) {
  v1::StoreStatus status;
  status.set_state(v1::STORE_STATE_RUNNING);
  status.set_phase(v1::STORE_PHASE_COMPARING);
  status.set_phase_done(done);
  status.set_phase_total(200);
  return status;
}

TEST(DescribeStateTest, DescribeState_SaysWhatIsWaitedFor) {
  EXPECT_EQ(DescribeState(Queued(0)), "queued, next");
  EXPECT_EQ(DescribeState(Queued(1)), "queued, 1 store before it");
  EXPECT_EQ(DescribeState(Queued(2)), "queued, 2 stores before it");
  EXPECT_EQ(DescribeState(Comparing(10)), "running: comparing, 10 of 200 reports");
  v1::StoreStatus parsing = Comparing(3);
  parsing.set_phase(v1::STORE_PHASE_PARSING);
  EXPECT_EQ(DescribeState(parsing), "running: parsing, 3 of 200 result files");
  parsing.set_phase_total(0);
  parsing.set_cancel_requested(true);
  EXPECT_EQ(DescribeState(parsing), "running: parsing, to be cancelled");
}

TEST(DescribeStateTest, DescribeState_Estimate_IsRounded) {
  const auto with = [](int64_t seconds, int32_t nanos) {
    v1::StoreStatus status = Queued(2);
    status.mutable_estimate()->set_seconds(seconds);
    status.mutable_estimate()->set_nanos(nanos);
    return DescribeState(status);
  };
  EXPECT_EQ(with(12, 0), "queued, 2 stores before it, about 12 s left");
  EXPECT_EQ(with(0, 0), "queued, 2 stores before it, about 1 s left");
  EXPECT_EQ(with(11, 1), "queued, 2 stores before it, about 12 s left");
  EXPECT_EQ(with(-5, 0), "queued, 2 stores before it, about 1 s left");
  EXPECT_EQ(with(150, 0), "queued, 2 stores before it, about 2 min left");
  EXPECT_EQ(with(3 * 3600 + 1800, 0), "queued, 2 stores before it, about 3 h left");
}

// Text that one thread writes while another looks at it.
class SharedText final : public std::streambuf {
 public:
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 protected:
  int overflow(int c) override {
    const std::lock_guard lock(mutex_);
    if (c != traits_type::eof()) text_ += static_cast<char>(c);
    return c;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

class NarratorTest : public ::testing::Test {
 protected:
  void UseTerminal() { output_.emplace(out_, err_, 80); }

  // What comes to be said of a status.
  std::string Said(const v1::StoreStatus& status) {
    err_.str("");
    narrator().OnStatus(status);
    return err_.str();
  }

  // From then on a log is told of the wait.
  void PassQuietTime() {
    narrator();
    clock_.Advance(absl::Seconds(1));
  }

  ProgressPrinter& narrator() {
    if (!narrator_) narrator_.emplace(*output_, clock_);
    return *narrator_;
  }

  client::FakeClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::optional<Output> output_{std::in_place, out_, err_, 0};
  std::optional<ProgressPrinter> narrator_;
};

TEST_F(NarratorTest, Log_HasALineWhenTheStateChanges_ElseOneInHalfAMinute) {
  PassQuietTime();
  EXPECT_EQ(Said(Queued(2)), "queued, 2 stores before it\n");
  EXPECT_EQ(Said(Queued(1)), "");
  EXPECT_EQ(Said(Comparing(10)), "running: comparing, 10 of 200 reports\n");
  clock_.Advance(absl::Seconds(29));
  EXPECT_EQ(Said(Comparing(50)), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Said(Comparing(60)), "running: comparing, 60 of 200 reports\n");
  EXPECT_EQ(Said(Comparing(70)), "");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(NarratorTest, Log_NothingChanges_SaysItOnce) {
  PassQuietTime();
  EXPECT_EQ(Said(Queued(2)), "queued, 2 stores before it\n");
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Said(Queued(2)), "");
}

TEST_F(NarratorTest, Log_WaitThatIsShort_HasNoLine) {
  EXPECT_EQ(Said(Queued(0)), "");
  EXPECT_EQ(Said(Comparing(10)), "");
  clock_.Advance(absl::Milliseconds(900));
  EXPECT_EQ(Said(Comparing(200)), "");
  v1::StoreStatus completed;
  completed.set_state(v1::STORE_STATE_COMPLETED);
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(Said(completed), "");
  narrator_.reset();
  EXPECT_EQ(err_.str(), "");
}

// No other status comes as long as nothing changes: on a stream that may be minutes.
TEST_F(NarratorTest, Log_WaitThatIsLong_HasItsLineAfterTheQuietTime) {
  SharedText text;
  std::ostream err(&text);
  Output output(out_, err, 0);
  ProgressPrinter narrator(output, clock_, absl::Milliseconds(20));
  narrator.OnStatus(Queued(1));
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!text.text().ends_with('\n') && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(text.text(), "queued, 1 store before it\n");
  // As said as any other line.
  clock_.Advance(absl::Milliseconds(20));
  narrator.OnStatus(Queued(1));
  narrator.OnStatus(Queued(0));
  EXPECT_EQ(text.text(), "queued, 1 store before it\n");
  narrator.OnStatus(Comparing(10));
  EXPECT_TRUE(text.text().ends_with("\nrunning: comparing, 10 of 200 reports\n")) << text.text();
}

TEST_F(NarratorTest, Quiet_SaysNothing) {
  PassQuietTime();
  output_->set_quiet(true);
  EXPECT_EQ(Said(Queued(2)), "");
  EXPECT_EQ(Said(Comparing(10)), "");
}

TEST_F(NarratorTest, Verbose_HasEveryChange_Once) {
  output_->set_verbose(true);
  EXPECT_EQ(Said(Comparing(10)), "running: comparing, 10 of 200 reports\n");
  EXPECT_EQ(Said(Comparing(20)), "running: comparing, 20 of 200 reports\n");
  EXPECT_EQ(Said(Comparing(20)), "");
}

TEST_F(NarratorTest, Terminal_RewritesOneLine) {
  UseTerminal();
  EXPECT_NE(Said(Queued(2)).find("queued, 2 stores before it"), std::string::npos);
  const std::string said = Said(Queued(1));
  EXPECT_NE(said.find("queued, 1 store before it"), std::string::npos);
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

TEST_F(NarratorTest, Failures_AreSaidOnceATimeOfTrouble) {
  err_.str("");
  narrator().OnFailure(absl::UnavailableError("gone"), absl::Seconds(1));
  narrator().OnFailure(absl::UnavailableError("gone"), absl::Seconds(2));
  EXPECT_EQ(err_.str(), "the server does not answer (gone); trying again\n");
  Said(Queued(1));
  err_.str("");
  narrator().OnFailure(absl::UnavailableError("gone"), absl::Seconds(1));
  EXPECT_NE(err_.str(), "");
}

}  // namespace
}  // namespace stored::tools
