#include "bench/serving/client.h"

#include <fmt/format.h>

#include "base/status.h"

namespace stored::bench {

absl::Status ToAbsl(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<std::string> Upload(v1::StoreService::Stub& stub, const std::string& run,
                                   const Content& content, v1::PayloadFormat format) {
  grpc::ClientContext context;
  v1::UploadResponse response;
  const std::unique_ptr<grpc::ClientWriter<v1::UploadRequest>> writer =
      stub.Upload(&context, &response);
  v1::UploadRequest request;
  request.mutable_header()->set_run_name(run);
  request.mutable_header()->set_format(format);
  bool going = writer->Write(request);
  int64_t offset = 0;
  const char* last = nullptr;
  for (const Content::Piece& piece : content.pieces()) {
    v1::UploadChunk& chunk = *request.mutable_chunk();
    chunk.set_offset(offset);
    // Noise repeats one block. Copying it for each chunk would measure the client instead of the
    // server.
    if (piece.data.data() != last) {
      chunk.set_data(piece.data.data(), piece.data.size());
      chunk.set_crc32c(piece.crc32c);
      last = piece.data.data();
    }
    going = going && writer->Write(request);
    offset += static_cast<int64_t>(piece.data.size());
  }
  request.mutable_trailer()->set_size(offset);
  request.mutable_trailer()->set_sha256(content.sha256());
  if (going) writer->WriteLast(request, grpc::WriteOptions());
  STORED_RETURN_IF_ERROR(ToAbsl(writer->Finish()));
  return response.token();
}

absl::StatusOr<v1::StoreStatus> GetStatus(v1::StoreService::Stub& stub, const std::string& token) {
  grpc::ClientContext context;
  v1::GetStatusRequest request;
  request.set_token(token);
  v1::StoreStatus status;
  STORED_RETURN_IF_ERROR(ToAbsl(stub.GetStatus(&context, request, &status)));
  return status;
}

absl::StatusOr<v1::StoreStatus> AwaitEnd(v1::StoreService::Stub& stub, const std::string& token) {
  grpc::ClientContext context;
  v1::WatchStatusRequest request;
  request.set_token(token);
  const std::unique_ptr<grpc::ClientReader<v1::StoreStatus>> reader =
      stub.WatchStatus(&context, request);
  v1::StoreStatus status;
  while (reader->Read(&status)) continue;
  STORED_RETURN_IF_ERROR(ToAbsl(reader->Finish()));
  return status;
}

absl::Status AwaitCompletion(v1::StoreService::Stub& stub, const std::string& token) {
  STORED_ASSIGN_OR_RETURN(const v1::StoreStatus end, AwaitEnd(stub, token));
  if (end.state() == v1::STORE_STATE_COMPLETED) return absl::OkStatus();
  return absl::InternalError(fmt::format("a store did not complete: {}", end.error().message()));
}

}  // namespace stored::bench
