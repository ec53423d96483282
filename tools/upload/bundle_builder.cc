#include "tools/upload/bundle_builder.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status.h"
#include "reports/inputs/path_trimmer.h"
#include "reports/inputs/source_roots.h"
#include "reports/limits.h"

namespace stored::tools {
namespace {

constexpr char kStandardInputName[] = "(standard input)";

absl::Status Copy(int from, int to, uint64_t max_bytes, const std::string& to_name) {
  std::vector<char> buffer(1 << 20);
  uint64_t copied = 0;
  while (true) {
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n == 0) return absl::OkStatus();
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, kStandardInputName);
    }
    if (copied + static_cast<uint64_t>(n) > max_bytes) {
      return absl::ResourceExhaustedError(
          fmt::format("{}: larger than the limit of {} bytes", kStandardInputName, max_bytes));
    }
    STORED_RETURN_IF_ERROR(WriteAt(to, {buffer.data(), static_cast<size_t>(n)}, copied, to_name));
    copied += static_cast<uint64_t>(n);
  }
}

std::string HomeDirectory() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : "";
}

}  // namespace

absl::Status CheckPaths(const std::vector<std::string>& paths) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    return absl::InvalidArgumentError("standard input ('-') can be read only once");
  }
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "-" && !std::filesystem::exists(path, error)) {
      return absl::NotFoundError(
          fmt::format("{}: {}", path, error ? error.message() : "no such file or directory"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSourceRoots(const std::vector<std::string>& roots) {
  reports::SourceRoots checked;
  for (const std::string& root : roots) STORED_RETURN_IF_ERROR(checked.AddNamed(root));
  return absl::OkStatus();
}

BundleBuilder::BundleBuilder(BundleOptions options, std::string scratch)
    : options_(std::move(options)), scratch_(std::move(scratch)) {}

BundleBuilder::~BundleBuilder() = default;

absl::Status BundleBuilder::Open() {
  const auto standard_input = std::find(options_.paths.begin(), options_.paths.end(), "-");
  if (standard_input != options_.paths.end()) {
    STORED_RETURN_IF_ERROR(SpoolStandardInput());
    *standard_input = standard_input_;
  }
  reports::InputOptions options;
  options.skip_bad_files = options_.skip_bad_files;
  options.temporary_parent = scratch_;
  options.source_roots = options_.source_roots;
  options.home_directory = HomeDirectory();
  options.standard_input = standard_input_;
  absl::StatusOr<reports::Inputs> inputs = reports::FindInputs(options_.paths, options);
  if (!inputs.ok()) return NameStandardInput(inputs.status());
  inputs_ = *std::move(inputs);
  if (standard_input_.empty()) return absl::OkStatus();
  for (reports::InputFile& file : inputs_.files) {
    if (file.path != standard_input_) continue;
    file.name = kStandardInputName;
    file.has_time = false;
    std::error_code ignored;
    file.directory = std::filesystem::current_path(ignored).string();
  }
  return absl::OkStatus();
}

absl::Status BundleBuilder::SpoolStandardInput() {
  standard_input_ = scratch_ + "/stdin";
  STORED_ASSIGN_OR_RETURN(const UniqueFd file,
                          OpenFile(standard_input_, O_WRONLY | O_CREAT | O_EXCL));
  return Copy(STDIN_FILENO, file.get(), reports::Limits().max_unpacked_bytes, standard_input_);
}

absl::Status BundleBuilder::OpenBundle() {
  const std::string path = scratch_ + "/bundle";
  STORED_ASSIGN_OR_RETURN(fd_, OpenFile(path, O_RDWR | O_CREAT | O_EXCL));
  // Unlinks the file at once, so that its space is freed however the program ends.
  if (::unlink(path.c_str()) != 0) return ErrnoStatus(errno, path);
  writer_ = std::make_unique<reports::BundleWriter>(fd_.get(), path);
  return absl::OkStatus();
}

absl::Status BundleBuilder::Collect() {
  STORED_RETURN_IF_ERROR(OpenBundle());
  reports::CollectorOptions options;
  STORED_ASSIGN_OR_RETURN(options.trimmer,
                          reports::PathTrimmer::Create(options_.trim_path_prefixes));
  options.skip_bad_files = options_.skip_bad_files;
  options.home_directory = HomeDirectory();
  options.skip_bad_files_option = "--skip-bad-files";
  options.progress = options_.progress;
  collector_ = std::make_unique<reports::Collector>(inputs_, std::move(options), *writer_);
  return NameStandardInput(collector_->Collect());
}

absl::Status BundleBuilder::Finish(absl::Span<const Sha256Digest> wanted) {
  STORED_RETURN_IF_ERROR(collector_->SendContents(wanted));
  return collector_->Finish();
}

absl::Status BundleBuilder::NameStandardInput(const absl::Status& status) const {
  if (status.ok() || standard_input_.empty()) return status;
  std::string message(status.message());
  for (size_t at = message.find(standard_input_); at != std::string::npos;
       at = message.find(standard_input_, at)) {
    message.replace(at, standard_input_.size(), kStandardInputName);
  }
  return absl::Status(status.code(), message);
}

}  // namespace stored::tools
