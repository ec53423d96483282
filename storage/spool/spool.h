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

// An upload that is still arriving: a growing file in the spool, and the digest of its bytes. Not
// safe for concurrent use. The file stays when the object is destroyed; see Spool.
class PartialPayload {
 public:
  uint64_t size() const { return size_; }

  // RESOURCE_EXHAUSTED if the disk is full. An error leaves size() as it was.
  absl::Status Append(std::string_view bytes);
  // Discards all bytes, so that the upload can start again.
  absl::Status Truncate();

  struct Sealed {
    // File name within the spool.
    std::string file;
    Sha256Digest sha256;
  };
  // Makes the payload durable under its final name (fsync of the file, rename, fsync of the
  // directory). No other method but path() may be called afterwards. DATA_LOSS if the digest is not
  // `expected`: then the file is left as it was, and must be truncated before it is used again.
  // NOT_FOUND if the file was removed meanwhile.
  absl::StatusOr<Sealed> Seal(const Sha256Digest& expected);

  // Path of the file, so that its content can be inspected before it is sealed.
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
  // Offset of the first byte for which File::BeginSync was not called yet.
  uint64_t sync_begun_ = 0;
  Sha256 sha256_;
};

// The directory that keeps payloads from their first byte to the end of their store:
//   NAME.part     arriving; NAME is the upload's id, or a dot and a random name
//   NAME.payload  durable, owned by a store session; NAME is random
//   work-*        files that a worker unpacks or converts a payload into
// Safe for concurrent use, except that only one caller at a time may use the file of an upload.
//
// One server only (storage/backend.h): the directory is local. RemoveOrphans deletes the work
// directories of any other server on it, and an upload can continue only on the server that has
// its partial payload.
class Spool {
 public:
  // Creates `directory` if needed. `files` outlives the spool and its payloads.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& directory,
                                                     FileSystem& files = FileSystem::Posix());

  const std::string& directory() const { return directory_; }

  // Opens the partial payload of `upload_id` ([A-Za-z0-9._-]) with the bytes that an earlier
  // connection left in it, and computes their digest. If `upload_id` is empty, creates an empty one
  // with a random name.
  absl::StatusOr<std::unique_ptr<PartialPayload>> OpenPartial(const std::string& upload_id);
  // Returns the size of a partial payload in bytes. NOT_FOUND if there is none.
  absl::StatusOr<uint64_t> PartialSize(const std::string& upload_id) const;
  absl::Status RemovePartial(const PartialPayload& payload);

  std::string PathOf(const std::string& file) const;
  // Returns the size of a payload in bytes. NOT_FOUND if it does not exist.
  absl::StatusOr<uint64_t> PayloadSize(const std::string& file) const;
  // Returns OK if the file does not exist.
  absl::Status Remove(const std::string& file);

  using Expired = ExpiredUploads;
  // Remove or count the partial payloads that were last written before `before`. Return their
  // number and total size.
  absl::StatusOr<Expired> RemoveExpired(absl::Time before);
  absl::StatusOr<Expired> CountExpired(absl::Time before) const;

  // Tells which files of the spool have an owner.
  struct Owners {
    // Returns whether a store still needs this payload.
    std::function<absl::StatusOr<bool>(const std::string& file)> needs_payload;
    // Returns whether an upload with this id was accepted. A partial payload with this id is
    // useless then: the client began to send the upload again.
    std::function<absl::StatusOr<bool>(const std::string& upload_id)> was_accepted;
  };
  // Removes the files without an owner, and all work directories. Returns how many entries it
  // removed. REQUIRES: no worker runs, as when a server starts.
  absl::StatusOr<int> RemoveOrphans(const Owners& owners);

 private:
  // Calls `visit` for every entry, until it returns an error.
  absl::Status ForEachEntry(absl::FunctionRef<absl::Status(const FileSystem::Entry&)> visit) const;
  // Calls `visit` for every expired upload. Returns their number and total size.
  absl::StatusOr<Expired> VisitExpired(
      absl::Time before, absl::FunctionRef<absl::Status(const std::string& name)> visit) const;
  static absl::StatusOr<bool> IsOwned(const std::string& name, const Owners& owners);

  Spool(std::string directory, FileSystem& files)
      : files_(files), directory_(std::move(directory)) {}

  FileSystem& files_;
  std::string directory_;
};

}  // namespace stored::storage
