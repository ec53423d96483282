#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/inputs/sources.h"
#include "reports/limits.h"

namespace stored::reports {

// The sources in one archive. Does not open files outside the directory that it was unpacked to.
// Safe for concurrent use.
class ArchiveSources final : public SourceProvider {
 public:
  // `unpacked` is the directory that the archive was unpacked to. In CodeChecker's own upload
  // layout (`is_upload`), the sources are below root/ there, by their absolute paths.
  ArchiveSources(const std::string& unpacked, bool is_upload, const Limits& limits);

  // Returns true if `directory` is a directory of the archive, in the form of
  // InputFile::unpacked_directory.
  bool Holds(std::string_view directory) const;

  // Searches for a relative path in the result file's directory and then in its parents up to the
  // top of the archive, because logs may be in any directory of the build and name sources relative
  // to the project's top. Searches for an absolute path below the top.
  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& directory) const override;

 private:
  const std::string unpacked_;
  // Null unless the archive has CodeChecker's upload layout.
  const std::unique_ptr<SourceProvider> below_root_;
  const std::unique_ptr<SourceProvider> below_top_;
};

// Returns the sources for result files from archives and from this machine. For a result file in an
// archive, searches that archive, then (for an absolute path) the other archives, then `local`. For
// any other result file, searches only `local`. If Read() is given an empty `directory`, searches
// all archives, then `local`.
std::unique_ptr<SourceProvider> ArchivedThenLocalSources(
    std::vector<std::unique_ptr<ArchiveSources>> archives, std::unique_ptr<SourceProvider> local);

}  // namespace stored::reports
