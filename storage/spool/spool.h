#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/files/file_system.h"
#include "base/sha256.h"
#include "storage/expired_uploads.h"

namespace stored::storage {

// An upload that is still arriving: a file in the spool that grows, and the digest of what it
// holds. Not safe for concurrent use. The file stays when the object goes; see Spool.
class PartialPayload {
 public:
  uint64_t size() const { return size_; }

  // RESOURCE_EXHAUSTED when the disk is full. After an error the size is what it was.
  absl::Status Append(std::string_view bytes);
  // Starts again from nothing.
  absl::Status Truncate();

  struct Sealed {
    // Name within the spool.
    std::string file;
    Sha256Digest sha256;
  };
  // Makes the payload durable, file and name, and ends the growth: size() and all else is final.
  // With `expected` given and different from the digest, DATA_LOSS, and nothing changes but that
  // the payload must be truncated before it is used again.
  absl::StatusOr<Sealed> Seal(const Sha256Digest& expected);

  // For looking at what came, before it is sealed.
  const std::string& path() const { return path_; }

 private:
  friend class Spool;
  PartialPayload(FileSystem& files, std::string directory, std::string name);

  FileSystem& files_;
  std::string directory_;
  std::string name_;
  std::string path_;
  std::unique_ptr<File> file_;
  uint64_t size_ = 0;
  // From here on the disk was not told to begin with it.
  uint64_t sync_begun_ = 0;
  Sha256 sha256_;
};

// The directory where payloads lie from their first byte to the end of their store:
//   NAME.part     arriving; NAME is the upload's id, or a dot and something random
//   NAME.payload  durable, owned by a store session; NAME is random
//   work-*        what a worker unpacks or converts a payload into
// Safe for concurrent use, except that one upload's file is one caller's at a time.
class Spool {
 public:
  // `directory` is created if needed. `files` outlives the spool and its payloads.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& directory,
                                                     FileSystem& files = FileSystem::Posix());

  const std::string& directory() const { return directory_; }

  // The partial payload of `upload_id` ([A-Za-z0-9._-]), with what an earlier connection left in
  // it, digest included; empty and of a random name where `upload_id` is empty.
  absl::StatusOr<std::unique_ptr<PartialPayload>> OpenPartial(const std::string& upload_id);
  // Bytes there are of a partial payload; NOT_FOUND when there is none.
  absl::StatusOr<uint64_t> PartialSize(const std::string& upload_id) const;
  absl::Status RemovePartial(const PartialPayload& payload);

  std::string PathOf(const std::string& file) const;
  // Bytes of a payload; NOT_FOUND when it is not there.
  absl::StatusOr<uint64_t> PayloadSize(const std::string& file) const;
  // Removing what is not there is no error.
  absl::Status Remove(const std::string& file);

  using Expired = ExpiredUploads;
  // Partial payloads untouched since `before`.
  absl::StatusOr<Expired> RemoveExpired(absl::Time before);
  absl::StatusOr<Expired> CountExpired(absl::Time before) const;

  // Who owns what lies in the spool.
  struct Owners {
    // Whether a store still needs this payload.
    std::function<absl::StatusOr<bool>(const std::string& file)> needs_payload;
    // Whether an upload of this id was accepted, so that what arrived again of it is of no use.
    std::function<absl::StatusOr<bool>(const std::string& upload_id)> was_accepted;
  };
  // Removes what has no owner, and work directories, which are nobody's when no worker runs. For
  // the start of a server. Returns how many of all these.
  absl::StatusOr<int> RemoveOrphans(const Owners& owners);

 private:
  // Calls `visit` for every entry, until it answers with an error.
  absl::Status ForEachEntry(absl::FunctionRef<absl::Status(const FileSystem::Entry&)> visit) const;
  // Calls `visit` for every expired upload; answers with what there was.
  absl::StatusOr<Expired> VisitExpired(
      absl::Time before, absl::FunctionRef<absl::Status(const std::string& name)> visit) const;
  static absl::StatusOr<bool> IsOwned(const std::string& name, const Owners& owners);

  Spool(std::string directory, FileSystem& files)
      : files_(files), directory_(std::move(directory)) {}

  FileSystem& files_;
  std::string directory_;
};

}  // namespace stored::storage
