#include "bench/storing/upload.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "base/status.h"

namespace stored::bench {

absl::StatusOr<Uploaded> Upload(const std::string& programs, Server& server,
                                const std::string& path, const std::vector<std::string>& under) {
  // A corpus has its sources beside its reports.
  const std::string corpus = std::filesystem::path(path).parent_path().string();
  std::vector<std::string> command = under;
  command.insert(command.end(),
                 {programs + "/storectl", "--server", server.address(), "-q", "-o", "json",
                  "upload", path, "--name", "bench", "--source-root", corpus});
  STORED_ASSIGN_OR_RETURN(const Finished finished, Run(command));
  Uploaded uploaded{finished.cost, {}};
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(finished.output, &uploaded.status);
  if (!parsed.ok() || uploaded.status.state() != v1::STORE_STATE_COMPLETED) {
    return absl::InternalError("unexpected output of storectl upload: " + finished.output);
  }
  return uploaded;
}

absl::StatusOr<Uploaded> UploadAnew(const Context& context, const std::string& path,
                                    const std::vector<std::string>& under) {
  const std::string directory = context.directory + "/server";
  std::optional<Uploaded> uploaded;
  {
    STORED_ASSIGN_OR_RETURN(Server server, Server::Start(context.programs, directory));
    STORED_ASSIGN_OR_RETURN(uploaded, Upload(context.programs, server, path, under));
  }
  std::filesystem::remove_all(directory);
  return *std::move(uploaded);
}

}  // namespace stored::bench
