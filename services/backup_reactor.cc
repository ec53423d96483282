#include "services/backup_reactor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "services/grpc_status.h"
#include "services/request_log.h"
#include "storage/backup.h"

namespace stored::services {
namespace {

constexpr size_t kDataBytes = size_t{1} << 20;
// A client that takes longer for one message has stopped.
constexpr auto kWritePatience = std::chrono::minutes(1);

// Runs on the thread for backups, which waits for each message to be taken: so a slow client holds
// up nobody but itself, and no more than one message is in memory.
class BackupReactor final : public grpc::ServerWriteReactor<v1::BackupResponse>,
                            public storage::BackupTarget {
 public:
  BackupReactor(ServiceContext& context, grpc::CallbackServerContext* call)
      : context_(context), call_(call), log_(context.clock, "Backup", call->peer()) {}

  void Run() {
    const absl::Status status = Send();
    log_.Add("files", fmt::format("{}", files_));
    log_.Add("bytes", fmt::format("{}", bytes_));
    log_.Done(status);
    Finish(ToGrpc(status));
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
    const std::lock_guard lock(mutex_);
    return gone_;
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    gone_ |= !ok;
    changed_.notify_all();
  }
  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    changed_.notify_all();
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Send() {
    // In the spool, and named so that the next start removes what a crash leaves.
    STORED_ASSIGN_OR_RETURN(const TemporaryDirectory work,
                            TemporaryDirectory::Create(context_.spool.directory(), "work-backup-"));
    STORED_RETURN_IF_ERROR(context_.store.Backup(work.path(), *this));
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
      const std::lock_guard lock(mutex_);
      if (gone_) return absl::CancelledError("the client went away");
      message_ = std::move(message);
      writing_ = true;
    }
    StartWrite(&message_);
    std::unique_lock lock(mutex_);
    // Others wait for the thread, and a copy lies on the disk meanwhile.
    if (!changed_.wait_for(lock, kWritePatience, [this] { return !writing_; })) {
      call_->TryCancel();
      changed_.wait(lock, [this] { return !writing_; });
    }
    return gone_ ? absl::CancelledError("the client went away") : absl::OkStatus();
  }

  ServiceContext& context_;
  grpc::CallbackServerContext* const call_;
  RequestLog log_;
  int64_t files_ = 0;
  int64_t bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex; the message belongs to gRPC while it is being written.
  v1::BackupResponse message_;
  bool writing_ = false;
  bool gone_ = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::BackupResponse>* NewBackupReactor(ServiceContext& context,
                                                               grpc::CallbackServerContext* call) {
  auto reactor = std::make_unique<BackupReactor>(context, call);
  BackupReactor* raw = reactor.release();
  context.backups.Post([raw] { raw->Run(); });
  return raw;
}

}  // namespace stored::services
