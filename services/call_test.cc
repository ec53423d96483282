#include "services/call.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "base/testing/split_texts.h"
#include "base/time/retry_pushback.h"
#include "engine/testing/manual_clock.h"
#include "stored/v1/product_service.grpc.pb.h"

namespace stored::services {
namespace {

using testing::ElementsAre;

// Keeps each line as "level message".
class RecordingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> TakeLines() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.push_back(
        fmt::format("{} {}", std::string_view(spdlog::level::to_string_view(message.level).data()),
                    std::string_view(message.payload.data(), message.payload.size())));
  }
  void flush_() override {}

  std::vector<std::string> lines_;
};

// A service whose ListProducts runs the function that a test sets, with AnswerNow(), or with
// AnswerOn() if `on_lane` is set.
class TestService final : public v1::ProductService::CallbackService {
 public:
  explicit TestService(Clock& clock) : clock_(clock) {}

  grpc::ServerUnaryReactor* ListProducts(grpc::CallbackServerContext* rpc,
                                         const v1::ListProductsRequest* /*request*/,
                                         v1::ListProductsResponse* response) override {
    const auto run = [this, response](Call& call) { return work(call, *response); };
    if (!on_lane) return AnswerNow(clock_, rpc, "ListProducts", run);
    grpc::ServerUnaryReactor* const reactor = AnswerOn(lane, clock_, rpc, "ListProducts", run);
    posted.set_value(rpc);
    return reactor;
  }

  std::function<absl::Status(Call&, v1::ListProductsResponse&)> work;
  bool on_lane = false;
  engine::WorkThreads lane{1};
  // Set when the work of a call with `on_lane` has been posted.
  std::promise<grpc::CallbackServerContext*> posted;

 private:
  Clock& clock_;
};

class CallTest : public testing::Test {
 protected:
  CallTest() {
    const auto logger = std::make_shared<spdlog::logger>("call_test", sink_);
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::ProductService::NewStub(
        grpc::CreateChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials()));
  }
  ~CallTest() override {
    server_->Shutdown();
    spdlog::set_default_logger(before_);
  }

  grpc::Status ListProducts(grpc::ClientContext& context) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
    return stub_->ListProducts(&context, {}, &response_);
  }
  // Runs `work` in one RPC.
  grpc::Status Run(std::function<absl::Status(Call&)> work) {
    service_.work = [work = std::move(work)](Call& call, v1::ListProductsResponse& /*response*/) {
      return work(call);
    };
    grpc::ClientContext context;
    return ListProducts(context);
  }

  // Returns the lines since the last call, with the client's port as PORT.
  std::vector<std::string> TakeLines() {
    std::vector<std::string> lines = sink_->TakeLines();
    constexpr std::string_view kAddress = "ipv4:127.0.0.1:";
    for (std::string& line : lines) {
      const size_t at = line.find(kAddress);
      if (at == std::string::npos) continue;
      const size_t port = at + kAddress.size();
      line.replace(port, line.find_first_not_of("0123456789", port) - port, "PORT");
    }
    return lines;
  }

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  const std::shared_ptr<RecordingSink> sink_ = std::make_shared<RecordingSink>();
  engine::ManualClock clock_;
  TestService service_{clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::ProductService::Stub> stub_;
  v1::ListProductsResponse response_;
};

TEST_F(CallTest, Success_OneLineWithClientArgumentsAndDuration) {
  service_.work = [this](Call& call, v1::ListProductsResponse& response) {
    call.Add("product", "p");
    call.Add("tag", "");
    call.Add("run", "a\nb");
    clock_.Advance(absl::Microseconds(1250'600));
    response.add_products()->set_name("p");
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  EXPECT_TRUE(ListProducts(context).ok());
  EXPECT_EQ(response_.products(0).name(), "p");
  EXPECT_THAT(TakeLines(), ElementsAre("info ListProducts from ipv4:127.0.0.1:PORT product=p "
                                       "run=a\\nb: OK in 1250.6 ms"));
}

TEST_F(CallTest, LongValue_IsCutBetweenCharacters) {
  for (const SplitText& value : TextsSplitAt(200)) {
    Run([&](Call& call) {
      call.Add("run", value.text);
      return absl::OkStatus();
    });
    EXPECT_THAT(TakeLines(), ElementsAre("info ListProducts from ipv4:127.0.0.1:PORT run=" +
                                         value.kept + ": OK in 0.0 ms"));
  }
}

TEST_F(CallTest, Error_ReachesTheClientAndTheLog) {
  const grpc::Status status = Run([](Call& call) {
    call.Add("run", "r");
    return absl::NotFoundError("no run 'r'\n");
  });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no run 'r'\\n");
  EXPECT_THAT(TakeLines(), ElementsAre("info ListProducts from ipv4:127.0.0.1:PORT run=r: "
                                       "NOT_FOUND in 0.0 ms: no run 'r'\\n"));
}

TEST_F(CallTest, FaultsOfTheServer_AreLoggedAsErrors) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status sent(static_cast<absl::StatusCode>(code), "why");
    const grpc::Status status = Run([&](Call& /*call*/) { return sent; });
    EXPECT_EQ(status.error_code(), static_cast<grpc::StatusCode>(code));
    const bool is_fault =
        absl::IsInternal(sent) || absl::IsUnknown(sent) || absl::IsUnimplemented(sent);
    EXPECT_THAT(TakeLines(),
                ElementsAre(fmt::format(
                    "{} ListProducts from ipv4:127.0.0.1:PORT: {} in 0.0 ms: why",
                    is_fault ? "error" : "info", absl::StatusCodeToString(sent.code()))));
  }
}

TEST_F(CallTest, RoutineCall_IsLoggedForDebuggingOnlyIfItSucceeds) {
  for (const absl::Status& end : {absl::OkStatus(), absl::UnavailableError("why")}) {
    Run([&](Call& call) {
      call.SetRoutine();
      return end;
    });
  }
  EXPECT_THAT(
      TakeLines(),
      ElementsAre("debug ListProducts from ipv4:127.0.0.1:PORT: OK in 0.0 ms",
                  "info ListProducts from ipv4:127.0.0.1:PORT: UNAVAILABLE in 0.0 ms: why"));
}

TEST_F(CallTest, Pushback_TravelsInATrailer) {
  service_.work = [](Call& /*call*/, v1::ListProductsResponse& /*response*/) {
    absl::Status status = absl::UnavailableError("busy");
    SetRetryPushback(status, absl::Seconds(3));
    return status;
  };
  grpc::ClientContext context;
  EXPECT_EQ(ListProducts(context).error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  EXPECT_EQ(std::string(pushback->second.data(), pushback->second.size()), "3000");
}

TEST_F(CallTest, AnswerOn_RunsOnTheLane) {
  service_.on_lane = true;
  std::promise<std::thread::id> lane_thread;
  service_.lane.Post([&] { lane_thread.set_value(std::this_thread::get_id()); });
  std::thread::id ran_on;
  EXPECT_TRUE(Run([&](Call& call) {
                ran_on = std::this_thread::get_id();
                EXPECT_FALSE(call.cancelled());
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(ran_on, lane_thread.get_future().get());
  EXPECT_THAT(TakeLines(), ElementsAre("info ListProducts from ipv4:127.0.0.1:PORT: OK in 0.0 ms"));
}

TEST_F(CallTest, AnswerOn_CancelledWhileItWaits_SkipsTheWork) {
  service_.on_lane = true;
  service_.work = [](Call& /*call*/, v1::ListProductsResponse& /*response*/) {
    ADD_FAILURE() << "the client no longer waits for this";
    return absl::OkStatus();
  };
  grpc::ClientContext context;
  // Occupies the lane until the server has noticed that the client cancelled.
  service_.lane.Post([&] {
    grpc::CallbackServerContext* const rpc = service_.posted.get_future().get();
    context.TryCancel();
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (!rpc->IsCancelled() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  });
  EXPECT_EQ(ListProducts(context).error_code(), grpc::StatusCode::CANCELLED);
  std::promise<void> ran;
  service_.lane.Post([&] { ran.set_value(); });
  ran.get_future().wait();
  EXPECT_THAT(TakeLines(), ElementsAre("info ListProducts from ipv4:127.0.0.1:PORT: CANCELLED in "
                                       "0.0 ms: the client went away"));
}

}  // namespace
}  // namespace stored::services
