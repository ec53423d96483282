#pragma once

#include "absl/time/time.h"

namespace stored::services {

// How a server notices that a client's network is gone: it pings a connection that has been quiet
// for `interval`, and closes it if no answer arrives within `timeout`.
struct Keepalive {
  absl::Duration interval = absl::Seconds(20);
  absl::Duration timeout = absl::Seconds(10);
};

}  // namespace stored::services
