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

// One RPC, from its first work to its end. Every RPC has a Call, which writes one line to the log:
// the method, the client's address, the arguments that were added, the status and the duration.
// Values from the client are cut to 200 bytes, with unprintable characters escaped. Callers add no
// secrets except tokens.
class Call {
 public:
  // Starts to measure the duration. `clock` and `rpc` outlive the object.
  Call(Clock& clock, grpc::CallbackServerContext* rpc, std::string_view method);

  // Adds " key=value" to the log line, or nothing if the value is empty.
  void Add(std::string_view key, std::string_view value);
  // Writes the log line at level debug if the call succeeds. For calls that clients repeat while
  // they wait: their lines would hide all others, and would cost more than the response.
  void SetRoutine() { routine_ = true; }

  // Returns true once the client has gone or given up.
  bool cancelled() const { return rpc_->IsCancelled(); }
  // Ends the call's pending reads and writes with an error.
  void TryCancel() { rpc_->TryCancel(); }

  // Writes the log line, at level error for INTERNAL, UNKNOWN and UNIMPLEMENTED, and returns the
  // status to finish the RPC with. Adds the trailer `grpc-retry-pushback-ms` if the status has a
  // pushback (base/time/retry_pushback.h).
  // REQUIRES: End() was not called before; no other method is called after it.
  grpc::Status End(const absl::Status& status);

 private:
  Clock& clock_;
  grpc::CallbackServerContext* const rpc_;
  const absl::Duration start_;
  std::string line_;
  bool routine_ = false;
};

// Runs `work(Call&)`, which fills the response and returns a status, and finishes a unary RPC with
// that status. Runs on gRPC's own thread, so `work` must not block.
template <typename Work>
grpc::ServerUnaryReactor* AnswerNow(Clock& clock, grpc::CallbackServerContext* rpc,
                                    std::string_view method, Work work) {
  Call call(clock, rpc, method);
  const grpc::Status status = call.End(work(call));
  grpc::ServerUnaryReactor* reactor = rpc->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

// Does the same on a thread of `lane`. Skips the work if the client cancelled the call while it
// waited for a thread.
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
