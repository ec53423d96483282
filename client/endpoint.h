#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace grpc {
class ChannelCredentials;
}  // namespace grpc

namespace stored::client {

inline constexpr std::string_view kDefaultServer = "127.0.0.1:50051";

// A stored server: its address and the credentials to present to it. All code in this library that
// opens a connection takes an Endpoint, so only this class knows how a server is named and how
// client and server authenticate each other.
class Endpoint {
 public:
  // Parses "HOST", "HOST:PORT", "[IPV6]:PORT" (the default port is 50051) or "unix:PATH".
  // INVALID_ARGUMENT if `address` has none of these forms; the message says why.
  static absl::StatusOr<Endpoint> Parse(std::string_view address);

  // Returns the address that was parsed, for messages and command lines.
  const std::string& address() const { return address_; }
  // Returns gRPC's name for the server: "dns:///HOST:PORT" or "unix:PATH".
  const std::string& target() const { return target_; }
  // Returns the credentials of a new channel. Connections are neither encrypted nor authenticated
  // yet; options for TLS and tokens belong in this class.
  std::shared_ptr<grpc::ChannelCredentials> credentials() const;

 private:
  Endpoint(std::string_view address, std::string target)
      : address_(address), target_(std::move(target)) {}

  std::string address_;
  std::string target_;
};

}  // namespace stored::client
