#pragma once

#include <cstdint>
#include <string>

#include "base/crc32c.h"
#include "base/sha256.h"
#include "stored/v1/store_service.pb.h"

// The messages of a well-formed upload of a SARIF log. Tests send them, or alter them first.
namespace stored::tests {

inline v1::UploadRequest UploadHeader(const std::string& run = "r") {
  v1::UploadRequest request;
  request.mutable_header()->set_run_name(run);
  request.mutable_header()->set_format(v1::PAYLOAD_FORMAT_SARIF);
  return request;
}

inline v1::UploadRequest UploadChunk(int64_t offset, const std::string& data) {
  v1::UploadRequest request;
  request.mutable_chunk()->set_offset(offset);
  request.mutable_chunk()->set_data(data);
  request.mutable_chunk()->set_crc32c(Crc32c(data));
  return request;
}

inline v1::UploadRequest UploadTrailer(const std::string& payload) {
  v1::UploadRequest request;
  request.mutable_trailer()->set_size(static_cast<int64_t>(payload.size()));
  request.mutable_trailer()->set_sha256(Sha256::Of(payload).Hex());
  return request;
}

}  // namespace stored::tests
