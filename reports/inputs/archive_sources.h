#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "reports/inputs/sources.h"
#include "reports/limits.h"

namespace stored::reports {

// The sources that came in one archive. Opens nothing outside of what it was unpacked to. Safe for
// concurrent use.
class ArchiveSources final : public SourceProvider {
 public:
  // `unpacked` is the directory it was unpacked to. In CodeChecker's own upload layout
  // (`is_upload`) the sources are below root/ there, by their absolute paths.
  ArchiveSources(const std::string& unpacked, bool is_upload, const Limits& limits);

  // Returns whether `directory` is a directory of the archive, as InputFile::unpacked_directory has
  // it.
  bool Holds(std::string_view directory) const;

  // A relative path is looked for in the result file's directory, then in those above it up to the
  // archive's top: logs lie where the build put them, and name sources from the project's top. An
  // absolute one is looked for below the top.
  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& directory) const override;

 private:
  const std::string unpacked_;
  // Null unless the archive has CodeChecker's upload layout.
  const std::unique_ptr<SourceProvider> below_root_;
  const std::unique_ptr<SourceProvider> below_top_;
};

// Sources for what was found in archives and on this machine. A result file that is in an archive
// has those of its own archive first, then by absolute paths those of the other ones, then `local`;
// any other result file `local` alone. An empty directory is in some archive.
std::unique_ptr<SourceProvider> ArchivedThenLocalSources(
    std::vector<std::unique_ptr<ArchiveSources>> archives, std::unique_ptr<SourceProvider> local);

}  // namespace stored::reports
