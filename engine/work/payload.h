#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/stream/report_stream.h"
#include "storage/session.h"
#include "storage/spool/spool.h"

namespace stored::engine {

// Checks the magic number and the first frame or entry of the file at `path`, no more, so that it
// is cheap for a payload of any size. INVALID_ARGUMENT if they are not those of `format`.
absl::Status CheckPayloadStart(const std::string& path, storage::PayloadFormat format);

// Checks that the spool has the payload, and as many bytes of it as were acknowledged. INTERNAL if
// it does not; errors of the file system are returned as they are.
absl::Status CheckPayloadIsWhole(const storage::Spool& spool,
                                 const storage::SpooledPayload& payload);

struct ConversionOptions {
  reports::Limits limits;
  // The spool's directory. Archives are unpacked and bundles written in a directory below it.
  std::string work_parent;
  // Called with the number of result files read so far, and of all result files.
  std::function<void(int64_t done, int64_t total)> progress;
  // Requested to end the conversion with CANCELLED. This and `progress` are called from any thread,
  // each by one at a time.
  Cancellation stop;
};

// A payload as a stream of reports, which is read ahead on other threads. A bundle is read as it
// is. An archive is unpacked when it is opened; a payload that is not a bundle is converted to one,
// in a work directory, while it is first read. storectl converts with the same code, so that
// results become the same rows in whichever format they arrive.
class Payload {
 public:
  static absl::StatusOr<std::unique_ptr<Payload>> Open(const std::string& path,
                                                       const storage::StoreRequest& request,
                                                       const ConversionOptions& options);
  virtual ~Payload() = default;

  virtual reports::ReportStream& stream() = 0;
};

}  // namespace stored::engine
