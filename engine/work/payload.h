#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/cancellation.h"
#include "reports/limits.h"
#include "reports/stream/report_stream.h"
#include "storage/session.h"

namespace stored::engine {

// Whether a payload starts as one of its format does: magic and first frame, no more. Cheap
// whatever the size of the payload. INVALID_ARGUMENT says what it is instead.
absl::Status CheckPayloadStart(const std::string& path, storage::PayloadFormat format);

struct ConversionOptions {
  reports::Limits limits;
  // The spool's directory: what is unpacked and converted goes into a directory of its own below.
  std::string work_parent;
  // Result files read, of how many.
  std::function<void(int64_t done, int64_t total)> progress;
  // This and `progress` are called from any thread, one call of each at a time.
  Cancellation stop;
};

// A payload as a stream of reports. A BUNDLE is read as it is; whatever else comes is unpacked when
// it is opened, and turned into a bundle beside it while it is first read, by the very code that
// storectl uses: so the same rows come out, whichever way results come in. It is read ahead of what
// is done with it, on other threads.
class Payload {
 public:
  static absl::StatusOr<std::unique_ptr<Payload>> Open(const std::string& path,
                                                       const storage::StoreRequest& request,
                                                       const ConversionOptions& options);
  virtual ~Payload() = default;

  virtual reports::ReportStream& stream() = 0;
};

}  // namespace stored::engine
