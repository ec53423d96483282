#include "client/endpoint.h"

#include <fmt/format.h>
#include <grpcpp/security/credentials.h>

#include <charconv>

#include "base/text/text.h"

namespace stored::client {
namespace {

constexpr std::string_view kDefaultPort = "50051";

bool IsPort(std::string_view text) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port > 0 && port < 65536;
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Parse(std::string_view address) {
  const auto invalid = [&](std::string_view reason) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is not a valid server address: {}; use HOST:PORT or unix:PATH",
                    Printable(address), reason));
  };
  if (address.empty()) return invalid("it is empty");
  if (HasControlCharacter(address) || address.find(' ') != std::string_view::npos) {
    return invalid("it has a space or a control character");
  }
  if (address.starts_with("unix:")) {
    if (address == "unix:") return invalid("the path is missing");
    return Endpoint(address, std::string(address));
  }
  const bool bracketed = address.front() == '[';
  const size_t host_end = bracketed ? address.find(']') : address.find(':');
  if (bracketed && host_end == std::string_view::npos) return invalid("the ']' is missing");
  const size_t port_at = bracketed ? host_end + 1 : host_end;
  if (port_at == std::string_view::npos || port_at == address.size()) {
    return Endpoint(address, fmt::format("dns:///{}:{}", address, kDefaultPort));
  }
  if (port_at == 0) return invalid("the host is missing");
  if (address[port_at] != ':' || !IsPort(address.substr(port_at + 1))) {
    return invalid("the port is not a number from 1 to 65535");
  }
  return Endpoint(address, fmt::format("dns:///{}", address));
}

std::shared_ptr<grpc::ChannelCredentials> Endpoint::credentials() const {
  return grpc::InsecureChannelCredentials();
}

}  // namespace stored::client
