#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stored::tools {

// A message as JSON on one line: proto3's mapping, fields that are zero included. INTERNAL when it
// cannot be written so.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);

// The answer of a paged RPC with all its pages in one, as JSON: {"FIELD":[...],"nextPageToken":""}.
// Elements are turned into text as they come, which takes a fraction of the memory that the whole
// message would.
class JsonList {
 public:
  // `field` is the list's name in JSON.
  explicit JsonList(std::string field) : field_(std::move(field)) {}

  absl::Status Add(const google::protobuf::Message& element);
  void Clear() { parts_.clear(); }

  // The document, piece by piece.
  template <typename Write>
  void WriteTo(Write write) const {
    write("{\"" + field_ + "\":[");
    for (const std::string& part : parts_) write(part);
    write(std::string("],\"nextPageToken\":\"\"}"));
  }

 private:
  std::string field_;
  // Elements with the commas between them.
  std::vector<std::string> parts_;
};

}  // namespace stored::tools
