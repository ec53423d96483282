#include "bench/serving/echo_server.h"

#include <fcntl.h>

#include <string>

#include "base/files/file.h"
#include "base/status.h"

namespace stored::bench {

absl::StatusOr<Server> StartEchoServer(const Context& context, const v1::StoreStatus& status) {
  const std::string path = context.directory + "/status";
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC));
  STORED_RETURN_IF_ERROR(WriteAt(fd.get(), status.SerializeAsString(), 0, path));
  return Server::StartFloor(context.programs, context.directory + "/floor", {"--status", path});
}

}  // namespace stored::bench
