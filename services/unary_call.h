#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "engine/lanes.h"
#include "services/grpc_status.h"
#include "services/request_log.h"

namespace stored::services {

// Answers a unary call on `threads`: `work(RequestLog&)` fills the response and returns a status;
// the line in the log and the end of the call follow.
template <typename Work>
grpc::ServerUnaryReactor* AnswerOn(engine::WorkThreads& threads, Clock& clock,
                                   grpc::CallbackServerContext* call, std::string_view method,
                                   Work work) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  threads.Post([&clock, call, reactor, peer = call->peer(), method, work = std::move(work)] {
    RequestLog log(clock, method, peer);
    // Whoever has given up while this waited for a thread shall not keep others waiting too.
    const absl::Status status =
        call->IsCancelled() ? absl::CancelledError("the client went away") : work(log);
    log.Done(status);
    reactor->Finish(ToGrpc(status));
  });
  return reactor;
}

}  // namespace stored::services
