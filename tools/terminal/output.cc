#include "tools/terminal/output.h"

#include <fmt/format.h>

#include "base/status.h"
#include "base/text/text.h"

namespace stored::tools {
namespace {

// Moves to the start of the line and erases it (ECMA-48 EL).
constexpr std::string_view kEraseLine = "\r\x1b[K";

// Returns the prefix of `text` that fits into `columns`, counting one column per code point.
std::string_view Truncate(std::string_view text, int columns) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts_code_point = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (starts_code_point && columns-- == 0) return text.substr(0, i);
  }
  return text;
}

}  // namespace

Output::Output(std::ostream& out, std::ostream& err, int terminal_width)
    : out_(out), err_(err), terminal_width_(terminal_width) {}

void Output::Line(std::string_view text) {
  ClearProgress();
  out_ << Printable(text) << '\n';
}

absl::Status Output::Document(const google::protobuf::Message& message) {
  STORED_ASSIGN_OR_RETURN(const std::string json, ToJson(message));
  ClearProgress();
  out_ << json << '\n';
  return absl::OkStatus();
}

void Output::Document(const JsonList& list) {
  ClearProgress();
  list.WriteTo([this](const std::string& piece) { out_ << piece; });
  out_ << '\n';
}

void Output::Note(std::string_view text) {
  if (!quiet_) PrintMessage("", text);
}

void Output::Warning(std::string_view text) {
  if (!quiet_) PrintMessage("storectl: warning: ", text);
}

void Output::Detail(std::string_view text) {
  if (verbose_) PrintMessage("", text);
}

void Output::Error(std::string_view text) { PrintMessage("storectl: ", text); }

void Output::PrintMessage(std::string_view prefix, std::string_view text) {
  const MutexLock lock(mutex_);
  ClearProgressLocked();
  err_ << prefix << Printable(text) << '\n' << std::flush;
}

void Output::ShowProgress(std::string_view text) {
  if (!shows_progress()) return;
  const std::string line = Printable(text);
  const MutexLock lock(mutex_);
  // Leaves the last column free, because writing it makes some terminals wrap.
  err_ << kEraseLine << Truncate(line, terminal_width_ - 1) << std::flush;
  progress_shown_ = true;
}

void Output::ClearProgress() {
  const MutexLock lock(mutex_);
  ClearProgressLocked();
}

void Output::ClearProgressLocked() {
  if (!progress_shown_) return;
  err_ << kEraseLine << std::flush;
  progress_shown_ = false;
}

absl::Status Output::Finish() {
  ClearProgress();
  out_.flush();
  if (out_) return absl::OkStatus();
  return absl::DataLossError(fmt::format("standard output: could not write all of the result{}{}",
                                         loss_advice_.empty() ? "" : "; ", loss_advice_));
}

}  // namespace stored::tools
