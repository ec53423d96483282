#pragma once

#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/sha256.h"
#include "reports/collect/ordered_work.h"
#include "reports/collect/sources/source_table.h"
#include "reports/collect/warning_list.h"
#include "reports/inputs/inputs.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// Where the content with some digest is found again.
struct ContentOrigin {
  // Null when the content is embedded in a result file:
  const Source* source = nullptr;
  // then a place in Inputs::files, and one in that ResultFile's files.
  size_t input = 0;
  FileIndex file = 0;
};

// Sends the `wanted` contents to `sink`, each once, compressed on several threads: those in files
// of their own in the order of `wanted`, then those embedded in result files, which are read again
// for it. A digest without an origin is passed over. A content that is no longer what it was is
// left out, with a warning.
absl::Status SendContents(absl::Span<const Sha256Digest> wanted,
                          const absl::flat_hash_map<Sha256Digest, ContentOrigin>& origins,
                          const Inputs& inputs, const Limits& limits,
                          const OrderedWorkOptions& options, ReportSink& sink,
                          WarningList& warnings);

}  // namespace stored::reports
