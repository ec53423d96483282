#pragma once

#include <string>

#include "absl/status/status.h"

namespace stored::reports {

// Each checks that the file at `path` starts as an upload payload of one format does. They read no
// more than the start, so that they are cheap for a payload of any size. INVALID_ARGUMENT if it
// starts otherwise. CheckBundleHead (reports/bundle/bundle_reader.h) is the same for a bundle.

// A SARIF log starts like JSON, a plist like XML; either may be compressed with gzip or zstd.
absl::Status CheckSarifStart(const std::string& path);
absl::Status CheckPlistStart(const std::string& path);
// An archive starts with the header of a first entry that UnpackArchive can read. An archive
// without an entry is refused.
absl::Status CheckArchiveStart(const std::string& path);

}  // namespace stored::reports
