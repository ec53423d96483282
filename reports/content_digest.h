#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/report.h"

namespace stored::reports {

// Makes Report::content_digest: an XXH3 of all that a report shows but its review and what
// ReportIdentity is made of, with the paths of files in place of their indices. It tells whether a
// report that is found again changed. Kept in databases and bundles: when what it is made of
// changes, every report counts as changed once.
//
// It does not protect against forgery: a client that sends wrong digests harms its own run only.
//
// Not safe for concurrent use.
class ContentDigester {
 public:
  // Adds the path of the next FileIndex, from 0.
  void AddFile(std::string_view path);
  size_t files() const { return path_digests_.size(); }

  // Returns the digest, which is never 0. Files that were not added count as one.
  uint64_t DigestOf(const Report& report);
  // Returns a digest, which is never 0, of what a format may tell reports apart by beside what
  // ReportIdentity is made of: logical location, notes and further paths.
  uint64_t ContextDigestOf(const Report& report);

 private:
  void Clear();
  uint64_t DigestOfBuffer() const;

  // Of the paths, so that a report that names a file a hundred times does not hash its path as
  // often.
  std::vector<uint64_t> path_digests_;
  // What is hashed, kept for its allocation.
  std::string buffer_;
};

}  // namespace stored::reports
