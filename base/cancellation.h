#pragma once

#include <concepts>
#include <functional>
#include <stop_token>
#include <utility>

namespace stored {

// Says whether long work should end early, with CANCELLED. The work polls it. Made from a function,
// or from a std::stop_token; one that is made from neither is never requested. Copies share the
// source.
class Cancellation {
 public:
  Cancellation() = default;
  // `requested` is called by the threads that call Requested().
  template <std::predicate Function>
  // NOLINTNEXTLINE(google-explicit-constructor): so that options can be assigned a lambda.
  Cancellation(Function requested) : requested_(std::move(requested)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Cancellation(std::stop_token stop)
      : requested_([stop = std::move(stop)] { return stop.stop_requested(); }) {}

  bool Requested() const { return requested_ && requested_(); }
  // Returns false if it was made from neither, so that a wait for it need not poll.
  bool CanBeRequested() const { return requested_ != nullptr; }

 private:
  std::function<bool()> requested_;
};

}  // namespace stored
