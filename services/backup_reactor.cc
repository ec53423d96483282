#include "services/backup_reactor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "base/status.h"
#include "services/call.h"
#include "storage/backup.h"

namespace stored::services {
namespace {

constexpr size_t kDataBytes = size_t{1} << 20;
// A client that takes longer to read one message is assumed to have stopped.
constexpr auto kWritePatience = std::chrono::minutes(1);

// One call of Backup. Run() runs on the thread for backups, which waits until gRPC has written each
// message: so a slow client delays only other backups, and one message at a time is in memory.
class BackupReactor final : public grpc::ServerWriteReactor<v1::BackupResponse>,
                            public storage::BackupTarget {
 public:
  BackupReactor(ServiceContext& context, grpc::CallbackServerContext* rpc)
      : context_(context), call_(context.clock, rpc, "Backup") {}

  void Run() {
    const absl::Status status = Send();
    call_.Add("files", fmt::format("{}", files_));
    call_.Add("bytes", fmt::format("{}", bytes_));
    Finish(call_.End(status));
  }

  absl::Status TakeDatabase(const std::string& name, const std::string& path) override {
    STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY));
    return SendFile(name, fd);
  }

  absl::StatusOr<bool> TakePayload(const std::string& file) override {
    const absl::StatusOr<UniqueFd> fd = OpenFile(context_.spool.PathOf(file), O_RDONLY);
    if (absl::IsNotFound(fd.status())) return false;
    STORED_RETURN_IF_ERROR(fd.status());
    STORED_RETURN_IF_ERROR(SendFile("spool/" + file, *fd));
    return true;
  }

  bool Cancelled() override {
    const MutexLock lock(mutex_);
    return gone_;
  }

  void OnWriteDone(bool ok) override {
    const MutexLock lock(mutex_);
    writing_ = false;
    gone_ |= !ok;
    changed_.NotifyAll();
  }
  void OnCancel() override {
    const MutexLock lock(mutex_);
    gone_ = true;
    changed_.NotifyAll();
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Send() {
    // If the server crashes, the next start removes directories with this prefix from the spool.
    STORED_ASSIGN_OR_RETURN(const TemporaryDirectory work,
                            TemporaryDirectory::Create(context_.spool.directory(), "work-backup-"));
    STORED_RETURN_IF_ERROR(context_.backend.Backup(work.path(), *this));
    v1::BackupResponse message;
    message.mutable_end()->set_files(files_);
    message.mutable_end()->set_bytes(bytes_);
    return Write(std::move(message));
  }

  absl::Status SendFile(const std::string& name, const UniqueFd& fd) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return ErrnoStatus(errno, name);
    v1::BackupResponse message;
    message.mutable_file()->set_name(name);
    message.mutable_file()->set_size(status.st_size);
    STORED_RETURN_IF_ERROR(Write(std::move(message)));
    Sha256 sha256;
    for (int64_t at = 0; at < status.st_size;) {
      v1::BackupResponse piece;
      std::string& data = *piece.mutable_data();
      data.resize(kDataBytes);
      STORED_ASSIGN_OR_RETURN(const size_t n, ReadAt(fd.get(), data.data(), data.size(),
                                                     static_cast<uint64_t>(at), name));
      if (n == 0) return absl::InternalError(name + " became shorter while it was read");
      data.resize(n);
      sha256.Update(data);
      at += static_cast<int64_t>(n);
      STORED_RETURN_IF_ERROR(Write(std::move(piece)));
    }
    ++files_;
    bytes_ += status.st_size;
    v1::BackupResponse end;
    end.mutable_file_end()->set_sha256(sha256.Finish().Hex());
    return Write(std::move(end));
  }

  absl::Status Write(v1::BackupResponse message) {
    {
      const MutexLock lock(mutex_);
      if (gone_) return absl::CancelledError("the client went away");
      message_ = std::move(message);
      writing_ = true;
    }
    StartWrite(&message_);
    // Limits the wait, because other backups wait for this thread and the copy takes room on the
    // disk meanwhile.
    const auto deadline = std::chrono::steady_clock::now() + kWritePatience;
    MutexLock lock(mutex_);
    bool timed_out = false;
    while (writing_ && !timed_out) {
      timed_out = changed_.WaitUntil(lock, deadline) == std::cv_status::timeout;
    }
    if (writing_) call_.TryCancel();
    while (writing_) changed_.Wait(lock);
    return gone_ ? absl::CancelledError("the client went away") : absl::OkStatus();
  }

  ServiceContext& context_;
  Call call_;
  int64_t files_ = 0;
  int64_t bytes_ = 0;

  Mutex mutex_;
  Condition changed_;
  // The message that gRPC is writing while `writing_` is true.
  v1::BackupResponse message_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::BackupResponse>* NewBackupReactor(ServiceContext& context,
                                                               grpc::CallbackServerContext* rpc) {
  auto reactor = std::make_unique<BackupReactor>(context, rpc);
  BackupReactor* raw = reactor.release();
  context.backups.Post([raw] { raw->Run(); });
  return raw;
}

}  // namespace stored::services
