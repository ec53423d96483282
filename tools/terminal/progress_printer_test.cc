#include "tools/terminal/progress_printer.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>

#include "absl/time/clock.h"
#include "base/mutex.h"
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

TEST(DescribeStateTest, DescribeState_QueueAndPhase) {
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

// A stream buffer that one thread writes while another reads it.
class SharedText final : public std::streambuf {
 public:
  std::string text() {
    const MutexLock lock(mutex_);
    return text_;
  }

 protected:
  int overflow(int c) override {
    const MutexLock lock(mutex_);
    if (c != traits_type::eof()) text_ += static_cast<char>(c);
    return c;
  }

 private:
  Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

class ProgressPrinterTest : public ::testing::Test {
 protected:
  void UseTerminal() { output_.emplace(out_, err_, 80); }

  // Passes a status to the printer and returns what it prints.
  std::string Printed(const v1::StoreStatus& status) {
    err_.str("");
    printer().OnStatus(status);
    return err_.str();
  }

  // Advances the clock to the end of the quiet time.
  void PassQuietTime() {
    printer();
    clock_.Advance(absl::Seconds(1));
  }

  ProgressPrinter& printer() {
    if (!printer_) printer_.emplace(*output_, clock_);
    return *printer_;
  }

  client::FakeClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::optional<Output> output_{std::in_place, out_, err_, 0};
  std::optional<ProgressPrinter> printer_;
};

TEST_F(ProgressPrinterTest, Log_PrintsWhenTheStateChangesAndEveryHalfMinute) {
  PassQuietTime();
  EXPECT_EQ(Printed(Queued(2)), "queued, 2 stores before it\n");
  EXPECT_EQ(Printed(Queued(1)), "");
  EXPECT_EQ(Printed(Comparing(10)), "running: comparing, 10 of 200 reports\n");
  clock_.Advance(absl::Seconds(29));
  EXPECT_EQ(Printed(Comparing(50)), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Printed(Comparing(60)), "running: comparing, 60 of 200 reports\n");
  EXPECT_EQ(Printed(Comparing(70)), "");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProgressPrinterTest, Log_NothingChanges_PrintsItOnce) {
  PassQuietTime();
  EXPECT_EQ(Printed(Queued(2)), "queued, 2 stores before it\n");
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Printed(Queued(2)), "");
}

TEST_F(ProgressPrinterTest, Log_ShortWait_PrintsNothing) {
  EXPECT_EQ(Printed(Queued(0)), "");
  EXPECT_EQ(Printed(Comparing(10)), "");
  clock_.Advance(absl::Milliseconds(900));
  EXPECT_EQ(Printed(Comparing(200)), "");
  v1::StoreStatus completed;
  completed.set_state(v1::STORE_STATE_COMPLETED);
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_EQ(Printed(completed), "");
  printer_.reset();
  EXPECT_EQ(err_.str(), "");
}

// On a stream, the next status may be minutes away.
TEST_F(ProgressPrinterTest, Log_LongWait_PrintsAfterTheQuietTime) {
  SharedText text;
  std::ostream err(&text);
  Output output(out_, err, 0);
  ProgressPrinter printer(output, clock_, absl::Milliseconds(20));
  printer.OnStatus(Queued(1));
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!text.text().ends_with('\n') && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_EQ(text.text(), "queued, 1 store before it\n");
  // The printer treats it like any other printed line.
  clock_.Advance(absl::Milliseconds(20));
  printer.OnStatus(Queued(1));
  printer.OnStatus(Queued(0));
  EXPECT_EQ(text.text(), "queued, 1 store before it\n");
  printer.OnStatus(Comparing(10));
  EXPECT_TRUE(text.text().ends_with("\nrunning: comparing, 10 of 200 reports\n")) << text.text();
}

TEST_F(ProgressPrinterTest, Quiet_PrintsNothing) {
  PassQuietTime();
  output_->set_quiet(true);
  EXPECT_EQ(Printed(Queued(2)), "");
  EXPECT_EQ(Printed(Comparing(10)), "");
}

TEST_F(ProgressPrinterTest, Verbose_PrintsEveryChangeOnce) {
  output_->set_verbose(true);
  EXPECT_EQ(Printed(Comparing(10)), "running: comparing, 10 of 200 reports\n");
  EXPECT_EQ(Printed(Comparing(20)), "running: comparing, 20 of 200 reports\n");
  EXPECT_EQ(Printed(Comparing(20)), "");
}

TEST_F(ProgressPrinterTest, Terminal_RewritesOneLine) {
  UseTerminal();
  EXPECT_NE(Printed(Queued(2)).find("queued, 2 stores before it"), std::string::npos);
  const std::string text = Printed(Queued(1));
  EXPECT_NE(text.find("queued, 1 store before it"), std::string::npos);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST_F(ProgressPrinterTest, ConsecutiveFailures_ArePrintedOnce) {
  err_.str("");
  printer().OnFailure(absl::UnavailableError("gone"), absl::Seconds(1));
  printer().OnFailure(absl::UnavailableError("gone"), absl::Seconds(2));
  EXPECT_EQ(err_.str(), "the server does not answer (gone); trying again\n");
  Printed(Queued(1));
  err_.str("");
  printer().OnFailure(absl::UnavailableError("gone"), absl::Seconds(1));
  EXPECT_NE(err_.str(), "");
}

}  // namespace
}  // namespace stored::tools
