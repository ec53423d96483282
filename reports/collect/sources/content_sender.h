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

// The place from which a content can be read again.
struct ContentOrigin {
  // Null if the content is embedded in a result file.
  const Source* source = nullptr;
  // For embedded content: an index into Inputs::files, and one into that ResultFile's files.
  size_t input = 0;
  FileIndex file = 0;
};

// Sends the `wanted` contents to `sink`, each once, compressed on several threads. Contents in
// files of their own come first, in the order of `wanted`, then those embedded in result files,
// which are read again for it. Ignores digests without an origin. Leaves out a content that has
// changed, with a warning.
absl::Status SendContents(absl::Span<const Sha256Digest> wanted,
                          const absl::flat_hash_map<Sha256Digest, ContentOrigin>& origins,
                          const Inputs& inputs, const Limits& limits,
                          const OrderedWorkOptions& options, ReportSink& sink,
                          WarningList& warnings);

}  // namespace stored::reports
