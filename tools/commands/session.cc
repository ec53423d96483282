#include <fmt/format.h>

#include <utility>

#include "tools/commands/command.h"

namespace stored::tools {
namespace {

std::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "; is stored running there? --server or STORECTL_SERVER names another";
    case absl::StatusCode::kUnimplemented:
      return "; the server is of another version, or something else";
    default:
      return "";
  }
}

}  // namespace

Ending Done() { return {}; }

Ending WrongUse(const absl::Status& status) {
  return {ExitCode::kWrongUse, std::string(status.message())};
}

Session::Session(client::Endpoint server, Output& output, Clock& clock, Interrupt* interrupt)
    : server_(std::move(server)), output_(output), clock_(clock), interrupt_(interrupt) {}

void Session::OnInterrupt(std::string farewell) const {
  if (interrupt_ != nullptr) interrupt_->set_farewell(std::move(farewell));
}

void Session::RemoveOnInterrupt(std::string directory) const {
  if (interrupt_ != nullptr) interrupt_->set_scratch(std::move(directory));
}

Ending Session::ServerFailure(std::string_view what, const absl::Status& status) const {
  if (absl::IsDeadlineExceeded(status)) {
    return {ExitCode::kTimeout, fmt::format("{}: {}", what, std::string(status.message()))};
  }
  return {ExitCode::kServer, fmt::format("{}: server {}: {}{}", what, server_.address(),
                                         std::string(status.message()), Advice(status.code()))};
}

std::string Session::WaitCommand(std::string_view token) const {
  if (server_.address() == client::kDefaultServer) return fmt::format("storectl wait {}", token);
  return fmt::format("storectl wait {} --server {}", token, server_.address());
}

Ending Session::Document(const google::protobuf::Message& message) const {
  const absl::Status status = output_.Document(message);
  // A message that came from the server can be written; if not, it is none of the contract's.
  if (!status.ok()) return {ExitCode::kServer, std::string(status.message())};
  return Done();
}

}  // namespace stored::tools
