#pragma once

#include <cstdint>

namespace stored::storage {

// Counts of uploads that no client resumed in time: garbage of the spool.
struct ExpiredUploads {
  int64_t uploads = 0;
  // The bytes of these uploads that had arrived.
  int64_t bytes = 0;

  friend bool operator==(const ExpiredUploads&, const ExpiredUploads&) = default;
};

}  // namespace stored::storage
