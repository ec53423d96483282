#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "engine/lanes.h"

namespace stored::services {

// One RPC, from its first work to its end. Every RPC passes through a Call, which writes one line
// to the log: the method, the client's address, what was asked, how it ended and how long it took.
// Text that the client chose is made printable and cut; callers add nothing secret but tokens.
class Call {
 public:
  // `clock` and `rpc` outlive the object. The time that the log line states begins here.
  Call(Clock& clock, grpc::CallbackServerContext* rpc, std::string_view method);

  // Adds " key=value" to the log line, or nothing if the value is empty.
  void Add(std::string_view key, std::string_view value);
  // For calls that clients repeat while they wait: their lines would hide all others, and would
  // cost more than the answer. The line is at level debug if the call succeeds.
  void SetRoutine() { routine_ = true; }

  // Returns true once the client has gone or given up.
  bool cancelled() const { return rpc_->IsCancelled(); }
  // Ends the call's pending reads and writes with an error.
  void TryCancel() { rpc_->TryCancel(); }

  // Writes the log line, at level error if the fault is the server's, and returns the status to
  // finish the RPC with. Adds the trailer `grpc-retry-pushback-ms` if the status has a pushback.
  // Called once, last.
  grpc::Status End(const absl::Status& status);

 private:
  Clock& clock_;
  grpc::CallbackServerContext* const rpc_;
  const absl::Duration start_;
  std::string line_;
  bool routine_ = false;
};

// Runs `work(Call&)`, which fills the response and returns a status, and finishes a unary RPC. For
// work that never blocks: it runs on gRPC's own thread.
template <typename Work>
grpc::ServerUnaryReactor* AnswerNow(Clock& clock, grpc::CallbackServerContext* rpc,
                                    std::string_view method, Work work) {
  Call call(clock, rpc, method);
  const grpc::Status status = call.End(work(call));
  grpc::ServerUnaryReactor* reactor = rpc->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

// The same, on a thread of `lane`. Skips the work if the client gave up while the call waited for
// the thread.
template <typename Work>
grpc::ServerUnaryReactor* AnswerOn(engine::WorkThreads& lane, Clock& clock,
                                   grpc::CallbackServerContext* rpc, std::string_view method,
                                   Work work) {
  grpc::ServerUnaryReactor* reactor = rpc->DefaultReactor();
  lane.Post([&clock, rpc, reactor, method, work = std::move(work)] {
    Call call(clock, rpc, method);
    reactor->Finish(
        call.End(call.cancelled() ? absl::CancelledError("the client went away") : work(call)));
  });
  return reactor;
}

}  // namespace stored::services
