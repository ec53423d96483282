#pragma once

#include <cstdint>

#include "storage/session.h"

namespace stored::storage {

// The beginning of an upload: the store that the client asks for, and how to receive its payload.
struct UploadHeader {
  StoreRequest request;
  // Refuse the upload while another store into the run is ENQUEUED or RUNNING.
  bool refuse_if_busy = false;
  // Bytes of the whole payload; 0 if the client does not know.
  int64_t expected_size = 0;
};

}  // namespace stored::storage
