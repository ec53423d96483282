#include "tools/commands/session.h"

#include <fmt/format.h>

#include <utility>

namespace stored::tools {
namespace {

std::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "; is stored running there? --server or STORECTL_SERVER selects another server";
    case absl::StatusCode::kUnimplemented:
      return "; the server has another version, or it is not stored";
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

void Session::SetInterruptMessage(std::string message) const {
  if (interrupt_ != nullptr) interrupt_->set_message(std::move(message));
}

void Session::SetInterruptScratch(std::string directory) const {
  if (interrupt_ != nullptr) interrupt_->set_scratch(std::move(directory));
}

Ending Session::ServerFailure(std::string_view operation, const absl::Status& status) const {
  if (absl::IsDeadlineExceeded(status)) {
    return {ExitCode::kTimeout, fmt::format("{}: {}", operation, std::string(status.message()))};
  }
  return {ExitCode::kServer, fmt::format("{}: server {}: {}{}", operation, server_.address(),
                                         std::string(status.message()), Advice(status.code()))};
}

std::string Session::WaitCommand(std::string_view token) const {
  if (server_.address() == client::kDefaultServer) return fmt::format("storectl wait {}", token);
  return fmt::format("storectl wait {} --server {}", token, server_.address());
}

Ending Session::Document(const google::protobuf::Message& message) const {
  const absl::Status status = output_.Document(message);
  // Every message of the contract has a JSON form, so the server violated the contract.
  if (!status.ok()) return {ExitCode::kServer, std::string(status.message())};
  return Done();
}

}  // namespace stored::tools
