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

// The timeout of a whole backup. Keepalive detects a broken network much earlier.
constexpr absl::Duration kBackupTimeout = absl::Hours(24);

// DEST without trailing slashes, and its parent directory.
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
    return absl::InvalidArgumentError(fmt::format("'{}' is not the name of a new directory", text));
  }
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(destination.path, error))) {
    return absl::InvalidArgumentError(
        fmt::format("{} already exists; name a new directory", destination.path.string()));
  }
  if (!std::filesystem::is_directory(destination.parent, error)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a directory; create it first", destination.parent.string()));
  }
  return destination;
}

// Renames a directory. Fails if `to` exists.
absl::Status RenameToNew(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return absl::OkStatus();
  }
  if (errno != EINVAL && errno != ENOSYS) return ErrnoStatus(errno, to);
  // Some file systems (NFS) do not implement RENAME_NOREPLACE. There, mkdir(2) fails if `to`
  // exists, and rename(2) replaces the empty directory that it created.
  if (::mkdir(to.c_str(), 0700) != 0) return ErrnoStatus(errno, to);
  return ::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, to);
}

Ending RunBackup(Session& session, const std::string& text) {
  const absl::StatusOr<Destination> destination = CheckDestination(text);
  if (!destination.ok()) return WrongUse(destination.status());
  // Writes into a directory beside DEST and renames it at the end, so that DEST is always complete.
  absl::StatusOr<TemporaryDirectory> partial = TemporaryDirectory::Create(
      destination->parent.string(), destination->path.filename().string() + ".partial-");
  if (!partial.ok()) return WrongUse(partial.status());
  session.SetInterruptScratch(partial->path());

  BackupWriter writer(partial->path());
  ProgressThrottle throttle(session.clock());
  // The error of the local disk, to tell it from an error of the server.
  absl::Status local;
  absl::Status status =
      client::Connection(session.server())
          .Backup(
              [&](const v1::BackupResponse& part) {
                local = writer.Write(part);
                if (session.output().shows_progress() && throttle.Due(false)) {
                  session.output().ShowProgress(
                      fmt::format("{} files, {}", writer.files(), FormatBytes(writer.bytes())));
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
    // No message of the contract has these fields.
    google::protobuf::Struct document;
    auto& fields = *document.mutable_fields();
    fields["directory"].set_string_value(destination->path.string());
    fields["files"].set_number_value(static_cast<double>(writer.files()));
    fields["bytes"].set_number_value(static_cast<double>(writer.bytes()));
    return session.Document(document);
  }
  session.output().Note(fmt::format(
      "backed up {} files, {}, to {}; to serve them: stored --data {}", writer.files(),
      FormatBytes(writer.bytes()), destination->path.string(), destination->path.string()));
  return Done();
}

}  // namespace

void AddBackupCommand(CLI::App& app, Command& chosen) {
  auto destination = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("backup", "Copies all data of the running server into a new directory");
  command->footer(
      "To restore a backup, start a server with --data DEST, or with a copy of DEST.\n\n");
  command->add_option("DEST", *destination, "Directory to create, on this machine")->required();
  command->callback([&chosen, destination] {
    chosen = [destination](Session& session) { return RunBackup(session, *destination); };
  });
}

}  // namespace stored::tools
