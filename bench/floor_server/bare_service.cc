#include "bench/floor_server/bare_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "base/files/file.h"

namespace stored::bench {
namespace {

class BareUpload final : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  BareUpload(std::string path, v1::UploadResponse* response)
      : path_(std::move(path)),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
        response_(response) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      End();
      return;
    }
    const v1::UploadChunk& chunk = request_.chunk();
    const absl::Status written =
        WriteAt(fd_.get(), chunk.data(), static_cast<uint64_t>(chunk.offset()), path_);
    if (!written.ok()) {
      Finish(grpc::Status(grpc::StatusCode::INTERNAL, std::string(written.message())));
      return;
    }
    StartRead(&request_);
  }

  void OnDone() override {
    ::unlink(path_.c_str());
    delete this;
  }

 private:
  void End() {
    const bool synced = ::fsync(fd_.get()) == 0;
    response_->set_token(path_);
    Finish(synced ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INTERNAL, "fsync"));
  }

  const std::string path_;
  const UniqueFd fd_;
  v1::UploadRequest request_;
  v1::UploadResponse* const response_;
};

}  // namespace

// One stream: sends one message at once, and one at the end.
class BareService::Watcher final : public grpc::ServerWriteReactor<v1::StoreStatus> {
 public:
  Watcher(BareService& service, const std::string& token) : service_(service) {
    message_ = service.status_;
    message_.set_token(token);
    {
      const MutexLock lock(service_.mutex_);
      service_.watchers_.insert(this);
    }
    StartWrite(&message_);
  }

  // REQUIRES: the service's mutex is held. The analysis cannot see that the caller's is that one.
  void Tell(const v1::StoreStatus& end) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    end_ = end;
    Advance();
  }

  void OnWriteDone(bool ok) override {
    const MutexLock lock(service_.mutex_);
    writing_ = false;
    if (!ok) cancelled_ = true;
    Advance();
  }
  void OnCancel() override {
    const MutexLock lock(service_.mutex_);
    cancelled_ = true;
    Advance();
  }
  void OnDone() override {
    {
      const MutexLock lock(service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void Advance() ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_.mutex_) {
    if (writing_ || finished_) return;
    if (cancelled_) {
      finished_ = true;
      Finish(grpc::Status::CANCELLED);
    } else if (end_.state() != v1::STORE_STATE_UNSPECIFIED) {
      finished_ = true;
      StartWriteAndFinish(&end_, grpc::WriteOptions(), grpc::Status::OK);
    }
  }

  BareService& service_;
  v1::StoreStatus message_;
  v1::StoreStatus end_ ABSL_GUARDED_BY(service_.mutex_);
  bool writing_ ABSL_GUARDED_BY(service_.mutex_) = true;
  bool cancelled_ ABSL_GUARDED_BY(service_.mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(service_.mutex_) = false;
};

BareService::BareService(std::string directory, v1::StoreStatus status)
    : directory_(std::move(directory)), status_(std::move(status)) {}

grpc::ServerReadReactor<v1::UploadRequest>* BareService::Upload(grpc::CallbackServerContext*,
                                                                v1::UploadResponse* response) {
  static std::atomic<int> uploads = 0;
  // gRPC owns it from here on.
  return std::make_unique<BareUpload>(fmt::format("{}/{}.part", directory_, ++uploads), response)
      .release();
}

grpc::ServerUnaryReactor* BareService::GetStatus(grpc::CallbackServerContext* call,
                                                 const v1::GetStatusRequest* request,
                                                 v1::StoreStatus* response) {
  *response = status_;
  response->set_token(request->token());
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<v1::StoreStatus>* BareService::WatchStatus(
    grpc::CallbackServerContext*, const v1::WatchStatusRequest* request) {
  return std::make_unique<Watcher>(*this, request->token()).release();
}

grpc::ServerUnaryReactor* BareService::CancelStore(grpc::CallbackServerContext* call,
                                                   const v1::CancelStoreRequest* request,
                                                   v1::StoreStatus* response) {
  v1::StoreStatus end = status_;
  end.set_token(request->token());
  end.set_state(v1::STORE_STATE_COMPLETED);
  end.set_in_progress(false);
  *end.mutable_finished_at() = google::protobuf::util::TimeUtil::GetCurrentTime();
  *response = end;
  {
    const MutexLock lock(mutex_);
    for (Watcher* watcher : watchers_) watcher->Tell(end);
  }
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace stored::bench
