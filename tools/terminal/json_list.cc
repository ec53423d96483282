#include "tools/terminal/json_list.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "base/status.h"

namespace stored::tools {
namespace {

constexpr size_t kPartBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(
        fmt::format("cannot write {} as JSON: {}", message.GetTypeName(), status.ToString()));
  }
  return json;
}

absl::Status JsonList::Add(const google::protobuf::Message& element) {
  STORED_ASSIGN_OR_RETURN(const std::string json, ToJson(element));
  const bool first = parts_.empty();
  // Starts a new part rather than let one grow beyond its capacity and be copied.
  if (first || parts_.back().size() + json.size() + 1 > kPartBytes) {
    parts_.emplace_back().reserve(kPartBytes);
  }
  if (!first) parts_.back() += ',';
  parts_.back() += json;
  return absl::OkStatus();
}

absl::Status JsonList::SetField(const std::string& name, const google::protobuf::Message& value) {
  STORED_ASSIGN_OR_RETURN(const std::string json, ToJson(value));
  fields_ += "\"" + name + "\":" + json + ",";
  return absl::OkStatus();
}

}  // namespace stored::tools
