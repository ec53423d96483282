#pragma once

#include <archive.h>

#include <memory>

namespace stored::reports {

struct FreeArchive {
  void operator()(struct archive* archive) const { archive_read_free(archive); }
};
// Owns an archive that libarchive reads.
using ArchiveReader = std::unique_ptr<struct archive, FreeArchive>;

}  // namespace stored::reports
