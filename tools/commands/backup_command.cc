#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/files/file.h"
#include "base/files/file_system.h"
#include "base/status.h"
#include "tools/commands/backup_writer.h"
#include "tools/commands/command.h"
#include "tools/terminal/format.h"
#include "tools/terminal/progress_throttle.h"

namespace stored::tools {
namespace {

// As long as a backup may take in all. A network that is gone is noticed by keepalive long before.
constexpr absl::Duration kBackupTimeout = absl::Hours(24);

// "DEST" without slashes at its end, and the directory that it is in.
struct Destination {
  std::filesystem::path path;
  std::filesystem::path parent;
};

absl::StatusOr<Destination> CheckDestination(const std::string& text) {
  Destination destination;
  destination.path = std::filesystem::path(text).lexically_normal();
  if (!destination.path.has_filename()) destination.path = destination.path.parent_path();
  destination.parent = destination.path.parent_path();
  if (destination.parent.empty()) destination.parent = ".";
  if (!destination.path.has_filename()) {
    return absl::InvalidArgumentError(fmt::format("'{}' names no new directory", text));
  }
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(destination.path, error))) {
    return absl::InvalidArgumentError(
        fmt::format("{} is there already; name a new directory", destination.path.string()));
  }
  if (!std::filesystem::is_directory(destination.parent, error)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a directory; make it first", destination.parent.string()));
  }
  return destination;
}

// Gives a directory a name that nothing has.
absl::Status RenameToNew(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return absl::OkStatus();
  }
  if (errno != EINVAL && errno != ENOSYS) return ErrnoStatus(errno, to);
  // Some file systems (NFS) know no such rename; but an empty directory may always be replaced.
  if (::mkdir(to.c_str(), 0700) != 0) return ErrnoStatus(errno, to);
  return ::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, to);
}

Ending RunBackup(Session& session, const std::string& text) {
  const absl::StatusOr<Destination> destination = CheckDestination(text);
  if (!destination.ok()) return WrongUse(destination.status());
  // Beside it, and renamed when it is whole: what has the name is a backup.
  absl::StatusOr<TemporaryDirectory> partial = TemporaryDirectory::Create(
      destination->parent.string(), destination->path.filename().string() + ".partial-");
  if (!partial.ok()) return WrongUse(partial.status());
  session.RemoveOnInterrupt(partial->path());

  BackupWriter writer(partial->path());
  ProgressThrottle throttle(session.clock());
  // What the disk here does is not the server's doing.
  absl::Status local;
  absl::Status status = client::Connection(session.server())
                            .Backup(
                                [&](const v1::BackupResponse& part) {
                                  local = writer.Take(part);
                                  if (session.output().shows_progress() && throttle.Due(false)) {
                                    session.output().ShowProgress(fmt::format(
                                        "{} files, {}", writer.files(), BytesWord(writer.bytes())));
                                  }
                                  return local;
                                },
                                kBackupTimeout);
  session.output().ClearProgress();
  if (!local.ok() && !absl::IsDataLoss(local)) return WrongUse(Annotate(local, "backup"));
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return session.ServerFailure("backup", status);
  if (const absl::Status named = RenameToNew(partial->path(), destination->path.string());
      !named.ok()) {
    return WrongUse(named);
  }
  const absl::Status synced = FileSystem::Posix().SyncDirectory(destination->parent.string());
  if (!synced.ok()) return WrongUse(synced);
  if (session.output().json()) {
    // No RPC's message says it.
    google::protobuf::Struct document;
    auto& fields = *document.mutable_fields();
    fields["directory"].set_string_value(destination->path.string());
    fields["files"].set_number_value(static_cast<double>(writer.files()));
    fields["bytes"].set_number_value(static_cast<double>(writer.bytes()));
    return session.Document(document);
  }
  session.output().Note(fmt::format("backed up {} files, {}, to {}; stored --data {} serves it",
                                    writer.files(), BytesWord(writer.bytes()),
                                    destination->path.string(), destination->path.string()));
  return Done();
}

}  // namespace

void AddBackupCommand(CLI::App& app, Command& chosen) {
  auto destination = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "backup", "Copies everything the server has into a new directory, while it runs");
  command->footer("To restore, start the server with --data on the copy, or on a copy of it.\n\n");
  command->add_option("DEST", *destination, "The directory to make, on this machine")->required();
  command->callback([&chosen, destination] {
    chosen = [destination](Session& session) { return RunBackup(session, *destination); };
  });
}

}  // namespace stored::tools
