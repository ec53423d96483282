#include "reports/stream/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"

namespace stored::reports {
namespace {

using ::testing::ElementsAre;

// Makes the calls of a function, and notes the extents it is opened with.
class ScriptedStream final : public ReportStream {
 public:
  explicit ScriptedStream(std::function<absl::Status(ReportSink&)> script)
      : script_(std::move(script)) {}

  std::unique_ptr<Reading> Open(ReportExtent extent) override {
    extents.push_back(extent);
    return std::make_unique<DeferredReading>(script_);
  }

  std::vector<ReportExtent> extents;

 private:
  std::function<absl::Status(ReportSink&)> script_;
};

// Records the calls.
class NotingSink final : public ReportSink {
 public:
  absl::Status AddAnalysis(Analysis analysis) override { return Note("A " + analysis.tool_name); }
  absl::Status AddFile(SourceFile file) override { return Note("F " + file.path); }
  absl::Status AddReport(Report report) override { return Note("R " + report.message); }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    return Note("C " + std::string(sha256) + " " + std::string(zstd) + " " + std::to_string(size));
  }
  absl::Status Finish(const CollectionSummary& summary) override {
    return Note("E " + std::to_string(summary.diagnostics));
  }

  std::vector<std::string> calls;
  // The index of the call that is refused; none if negative.
  int refuse = -1;
  // Called before each call is recorded.
  std::function<void()> before = [] {};
  const std::thread::id thread = std::this_thread::get_id();

 private:
  absl::Status Note(std::string call) {
    EXPECT_EQ(std::this_thread::get_id(), thread);
    before();
    if (static_cast<int>(calls.size()) == refuse) return absl::ResourceExhaustedError("enough");
    calls.push_back(std::move(call));
    return absl::OkStatus();
  }
};

Report WithMessage(std::string message) {
  Report report;
  report.message = std::move(message);
  return report;
}

absl::Status AddReports(ReportSink& sink, int count) {
  for (int i = 0; i < count; ++i) {
    STORED_RETURN_IF_ERROR(sink.AddReport(WithMessage(std::to_string(i))));
  }
  return sink.Finish({});
}

// Returns a stream longer than any sink of these tests accepts. Sets `stopped` if it ended early.
ScriptedStream Endless(bool& stopped) {
  return ScriptedStream([&stopped](ReportSink& sink) {
    absl::Status status = AddReports(sink, 1'000'000);
    stopped = !status.ok();
    return status;
  });
}

TEST(ReadAhead, EveryKindOfCall_AsGivenAndInOrder) {
  ScriptedStream stream([](ReportSink& sink) -> absl::Status {
    STORED_RETURN_IF_ERROR(sink.AddAnalysis({.tool_name = "clang"}));
    STORED_RETURN_IF_ERROR(sink.AddFile({.path = "a.c", .sha256 = {}}));
    STORED_RETURN_IF_ERROR(sink.AddReport(WithMessage("m")));
    STORED_RETURN_IF_ERROR(sink.AddContent("digest", "packed", 7));
    return sink.Finish({.diagnostics = 5});
  });
  ReadAheadStream ahead(stream);
  for (int reading = 0; reading < 2; ++reading) {
    NotingSink sink;
    ASSERT_TRUE(ahead.ReadInto(sink).ok());
    EXPECT_THAT(sink.calls, ElementsAre("A clang", "F a.c", "R m", "C digest packed 7", "E 5"));
  }
}

TEST(ReadAhead, MoreThanIsReadAhead_AllArrive) {
  ScriptedStream stream([](ReportSink& sink) { return AddReports(sink, 5000); });
  NotingSink sink;
  ASSERT_TRUE(ReadAheadStream(stream).ReadInto(sink).ok());
  ASSERT_EQ(sink.calls.size(), 5001);
  for (size_t i = 0; i < 5000; ++i) ASSERT_EQ(sink.calls[i], "R " + std::to_string(i));
}

TEST(ReadAhead, Open_StartsDecoding_AndReadIntoContinues) {
  std::atomic<int> readings = 0;
  ScriptedStream stream([&](ReportSink& sink) {
    ++readings;
    return AddReports(sink, 1000);
  });
  ReadAheadStream ahead(stream);
  NotingSink sink;
  {
    const std::unique_ptr<Reading> reading = ahead.Open(ReportExtent::kAll);
    reading->AwaitFirst();
    EXPECT_EQ(readings, 1);
    ASSERT_TRUE(reading->ReadInto(sink).ok());
  }
  EXPECT_EQ(sink.calls.size(), 1001);
  EXPECT_EQ(readings, 1);
  NotingSink again;
  ASSERT_TRUE(ahead.ReadInto(again).ok());
  EXPECT_EQ(again.calls, sink.calls);
  EXPECT_EQ(readings, 2);
}

TEST(ReadAhead, Open_OpensTheOtherStreamWithTheSameExtent) {
  ScriptedStream stream([](ReportSink& sink) { return sink.Finish({}); });
  ReadAheadStream ahead(stream);
  NotingSink sink;
  ahead.Open(ReportExtent::kAll)->AwaitFirst();
  ASSERT_TRUE(ahead.Open(ReportExtent::kIdentifying)->ReadInto(sink).ok());
  ASSERT_TRUE(ahead.ReadInto(sink).ok());
  EXPECT_THAT(stream.extents,
              ElementsAre(ReportExtent::kAll, ReportExtent::kIdentifying, ReportExtent::kAll));
}

TEST(ReadAhead, OpenedAndNeverRead_Ends) {
  ScriptedStream endless([](ReportSink& sink) { return AddReports(sink, 1'000'000'000); });
  ReadAheadStream ahead(endless);
  const std::unique_ptr<Reading> reading = ahead.Open(ReportExtent::kAll);
}

TEST(ReadAhead, StreamFailedBeforeReadInto_ReturnsItsError) {
  ScriptedStream stream([](ReportSink&) { return absl::InvalidArgumentError("damaged"); });
  ReadAheadStream ahead(stream);
  const std::unique_ptr<Reading> reading = ahead.Open(ReportExtent::kAll);
  NotingSink sink;
  EXPECT_EQ(reading->ReadInto(sink), absl::InvalidArgumentError("damaged"));
}

// Each report fills a batch. The sink takes the first one once as many as possible are ahead.
TEST(ReadAhead, LargeReports_FewAreAhead) {
  constexpr size_t kBytes = size_t{1} << 20;
  std::atomic<int> made = 0;
  ScriptedStream stream([&](ReportSink& sink) -> absl::Status {
    for (; made < 100; ++made) {
      STORED_RETURN_IF_ERROR(sink.AddReport(WithMessage(std::string(kBytes, 'x'))));
    }
    return sink.Finish({});
  });
  NotingSink sink;
  sink.before = [&] {
    const int taken = static_cast<int>(sink.calls.size());
    while (taken == 0 && made < 5) std::this_thread::yield();
    EXPECT_LE(made - taken, 10);
  };
  EXPECT_TRUE(ReadAheadStream(stream).ReadInto(sink).ok());
}

// Most of the memory of these is the object itself.
TEST(ReadAhead, SmallFiles_SomeMegabytesAreAhead) {
  std::atomic<int> made = 0;
  std::atomic<bool> refused = false;
  ScriptedStream stream([&](ReportSink& sink) -> absl::Status {
    while (true) {
      absl::Status status = sink.AddFile({.path = "a", .sha256 = {}});
      if (!status.ok()) refused = true;
      STORED_RETURN_IF_ERROR(status);
      ++made;
    }
  });
  {
    ReadAheadStream ahead(stream);
    const std::unique_ptr<Reading> reading = ahead.Open(ReportExtent::kAll);
    reading->AwaitFirst();
    int before = 0;
    while (before != made) {
      before = made;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_LT(made, 100'000);
  }
  EXPECT_TRUE(refused);
}

TEST(ReadAhead, SinkFails_StreamIsStoppedAndTheErrorReturned) {
  bool stopped = false;
  ScriptedStream stream = Endless(stopped);
  NotingSink sink;
  sink.refuse = 3;
  const absl::Status status = ReadAheadStream(stream).ReadInto(sink);
  EXPECT_EQ(status, absl::ResourceExhaustedError("enough"));
  EXPECT_TRUE(stopped);
  EXPECT_EQ(sink.calls.size(), 3);
}

TEST(ReadAhead, StreamFails_ItsErrorIsReturned) {
  ScriptedStream stream([](ReportSink& sink) -> absl::Status {
    STORED_RETURN_IF_ERROR(sink.AddReport(WithMessage("first")));
    return absl::InvalidArgumentError("damaged");
  });
  NotingSink sink;
  EXPECT_EQ(ReadAheadStream(stream).ReadInto(sink), absl::InvalidArgumentError("damaged"));
}

TEST(ReadAhead, StreamThrows_RethrownToTheCaller) {
  ScriptedStream stream([](ReportSink&) -> absl::Status { throw std::bad_alloc(); });
  NotingSink sink;
  EXPECT_THROW(static_cast<void>(ReadAheadStream(stream).ReadInto(sink)), std::bad_alloc);
}

TEST(ReadAhead, SinkThrows_RethrownToTheCallerAndTheStreamStopped) {
  bool stopped = false;
  ScriptedStream stream = Endless(stopped);
  NotingSink sink;
  sink.before = [] { throw std::bad_alloc(); };
  EXPECT_THROW(static_cast<void>(ReadAheadStream(stream).ReadInto(sink)), std::bad_alloc);
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace stored::reports
