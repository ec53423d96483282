#pragma once

#include "absl/time/time.h"

namespace stored::services {

// How a server finds out that a client's network is gone: it asks on a connection that has been
// quiet for `interval`, and closes it when no answer comes within `timeout`.
struct Keepalive {
  absl::Duration interval = absl::Seconds(20);
  absl::Duration timeout = absl::Seconds(10);
};

}  // namespace stored::services
