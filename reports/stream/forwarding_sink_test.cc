#include "reports/stream/forwarding_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

namespace stored::reports {
namespace {

using ::testing::ElementsAre;

// Records the calls in `log`, and refuses the report "bad".
class LoggingSink final : public ReportSink {
 public:
  explicit LoggingSink(std::vector<std::string>& log) : log_(log) {}

  absl::Status AddAnalysis(Analysis analysis) override { return Log(analysis.tool_name); }
  absl::Status AddFile(SourceFile file) override { return Log(file.path); }
  absl::Status AddReport(Report report) override { return Log(report.message); }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) override {
    return Log(std::string(sha256) + std::string(zstd) + std::to_string(size));
  }
  absl::Status Finish(const CollectionSummary& summary) override {
    return Log(std::to_string(summary.diagnostics));
  }

 private:
  absl::Status Log(const std::string& call) {
    log_.push_back(call);
    return call == "bad" ? absl::DataLossError("refused") : absl::OkStatus();
  }

  std::vector<std::string>& log_;
};

absl::Status AddReport(ReportSink& sink, const std::string& message) {
  Report report;
  report.message = message;
  return sink.AddReport(report);
}

void MakeEveryCall(ReportSink& sink) {
  EXPECT_TRUE(sink.AddAnalysis({.tool_name = "clang"}).ok());
  EXPECT_TRUE(sink.AddFile({.path = "a.c", .sha256 = {}}).ok());
  EXPECT_TRUE(AddReport(sink, "m").ok());
  EXPECT_TRUE(sink.AddContent("digest", "packed", 7).ok());
  EXPECT_TRUE(sink.Finish({.diagnostics = 5}).ok());
}

class PlainSink final : public ForwardingSink<PlainSink> {
 public:
  using ForwardingSink::ForwardingSink;
};

TEST(ForwardingSink, EveryCall_IsPassedOn) {
  std::vector<std::string> log;
  LoggingSink target(log);
  PlainSink sink(target);
  MakeEveryCall(sink);
  EXPECT_THAT(log, ElementsAre("clang", "a.c", "m", "digestpacked7", "5"));
  EXPECT_EQ(AddReport(sink, "bad"), absl::DataLossError("refused"));
}

// Logs "before" and "after" each call, and does not pass on the report "stop".
class WatchingSink final : public ForwardingSink<WatchingSink> {
 public:
  WatchingSink(ReportSink& target, std::vector<std::string>& log)
      : ForwardingSink(target), log_(log) {}

  template <typename Item>
  absl::Status Before(const Item& item) {
    log_.emplace_back("before");
    if constexpr (std::is_same_v<Item, Report>) {
      if (item.message == "stop") return absl::CancelledError("stopped");
    }
    return absl::OkStatus();
  }
  absl::Status After(absl::Status status) {
    log_.emplace_back(status.ok() ? "after" : "after error");
    return status.ok() ? status : absl::InternalError("replaced");
  }

 private:
  std::vector<std::string>& log_;
};

TEST(ForwardingSink, BeforeAndAfter_AreCalledForEveryCall) {
  std::vector<std::string> log;
  LoggingSink target(log);
  WatchingSink sink(target, log);
  MakeEveryCall(sink);
  EXPECT_THAT(
      log, ElementsAre("before", "clang", "after", "before", "a.c", "after", "before", "m", "after",
                       "before", "digestpacked7", "after", "before", "5", "after"));
}

TEST(ForwardingSink, BeforeFails_CallIsNotPassedOn) {
  std::vector<std::string> log;
  LoggingSink target(log);
  WatchingSink sink(target, log);
  EXPECT_EQ(AddReport(sink, "stop"), absl::CancelledError("stopped"));
  EXPECT_THAT(log, ElementsAre("before"));
}

TEST(ForwardingSink, CallFails_AfterReturnsTheResult) {
  std::vector<std::string> log;
  LoggingSink target(log);
  WatchingSink sink(target, log);
  EXPECT_EQ(AddReport(sink, "bad"), absl::InternalError("replaced"));
  EXPECT_THAT(log, ElementsAre("before", "bad", "after error"));
}

}  // namespace
}  // namespace stored::reports
