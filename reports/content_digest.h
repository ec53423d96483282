#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"

namespace stored::reports {

// Computes Report::content_digest: an XXH3 of all that a report shows except its review and the
// parts of ReportIdentity, with the paths of files in place of their indices. A store compares it
// with the digest in the run to find out whether a report has changed. Databases and bundles keep
// it: if its computation is changed, every report counts as changed once.
//
// It does not protect against forgery, since a client that sends wrong digests harms only its own
// run.
//
// Not safe for concurrent use.
class ContentDigester {
 public:
  // Adds the path of the next FileIndex, from 0.
  void AddFile(std::string_view path);
  size_t files() const { return path_digests_.size(); }

  // Returns the digest, which is never 0. All files that were not added count as the same file.
  uint64_t DigestOf(const Report& report);
  // Returns a digest, which is never 0, of the fields beyond ReportIdentity by which a format may
  // tell reports apart: logical location, notes and further paths.
  uint64_t ContextDigestOf(const Report& report);

 private:
  void Clear();
  uint64_t DigestOfBuffer() const;

  // One for each file, so that a path is hashed only once, however often reports name it.
  std::vector<uint64_t> path_digests_;
  // Holds the bytes to be hashed; a member so that its allocation is reused.
  std::string buffer_;
};

}  // namespace stored::reports
