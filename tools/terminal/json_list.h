#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::tools {

// Returns a message as JSON on one line, by proto3's mapping, including fields that are zero.
// INTERNAL if the message has no JSON form.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

// All pages of a paged RPC as one JSON document: {"FIELD":[...],"nextPageToken":""}, with other
// fields of the message before the list. Converts each element when it is added, which takes a
// fraction of the memory of the whole message. Not safe for concurrent use.
class JsonList {
 public:
  // `field` is the name of the list in JSON.
  explicit JsonList(std::string field) : field_(std::move(field)) {}

  // INTERNAL if `element` has no JSON form.
  absl::Status Add(const google::protobuf::Message& element);
  // Sets a field of the message, which is not the list. INTERNAL if `value` has no JSON form.
  absl::Status SetField(const std::string& name, const google::protobuf::Message& value);
  void Clear() {
    parts_.clear();
    fields_.clear();
  }

  // Calls `write` with one piece of the document after another.
  template <typename Write>
  void WriteTo(Write write) const {
    write("{" + fields_ + "\"" + field_ + "\":[");
    for (const std::string& part : parts_) write(part);
    write(std::string("],\"nextPageToken\":\"\"}"));
  }

 private:
  std::string field_;
  // Each with its name before it and a comma after it.
  std::string fields_;
  // The elements and the commas between them.
  std::vector<std::string> parts_;
};

}  // namespace stored::tools
