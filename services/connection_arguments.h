#pragma once

#include <grpcpp/server_builder.h>

#include "absl/time/time.h"
#include "services/keepalive.h"

namespace stored::services {

// Sets how the server treats its connections. In its own header because the benchmark's baseline
// server must use the same settings.
inline void SetConnectionArguments(grpc::ServerBuilder& builder, const Keepalive& keepalive) {
  constexpr int kMinPingIntervalMilliseconds = 5'000;
  const auto milliseconds = [](absl::Duration duration) {
    return static_cast<int>(absl::ToInt64Milliseconds(duration));
  };
  // A second server on the same port is an error; it must not share the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Notices clients whose network is gone, and allows clients to ping.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(keepalive.interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(keepalive.timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMilliseconds);
}

}  // namespace stored::services
