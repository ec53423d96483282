#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "reports/collect/collector.h"
#include "reports/testing/recording_sink.h"

// Shared by the tests of the collector: inputs in a temporary directory and sources in memory.
namespace stored::reports {

// Sources by path. Counts how often sources are read.
class MapSources final : public SourceProvider {
 public:
  explicit MapSources(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  absl::StatusOr<SourceText> Read(const std::string& path,
                                  const std::string& directory) const override {
    ++reads;
    const std::string whole = path.starts_with('/') ? path : directory + "/" + path;
    const auto found = texts_.find(whole);
    if (found == texts_.end()) return absl::NotFoundError(whole);
    if (found->second == "HUGE") return absl::ResourceExhaustedError(whole + ": too large");
    const auto modified = modified_.find(whole);
    return SourceText{found->second, modified == modified_.end() ? 0 : modified->second};
  }
  void Set(const std::string& path, std::string text) { texts_[path] = std::move(text); }
  // Sets the time of its last change, in seconds since 1970.
  void SetTime(const std::string& path, int64_t seconds) {
    modified_[path] = seconds * 1'000'000'000;
  }

  mutable std::atomic<int> reads = 0;

 private:
  std::map<std::string, std::string> texts_;
  std::map<std::string, int64_t> modified_;
};

struct Finding {
  std::string checker = "c";
  std::string hash = "h";
  int file = 0;
  int line = 1;
  std::string message = "m";
  int column = 2;
};

inline std::string Plist(const std::vector<std::string>& files,
                         const std::vector<Finding>& findings) {
  std::string text = "<?xml version=\"1.0\"?><plist><dict><key>files</key><array>";
  for (const std::string& file : files) text += fmt::format("<string>{}</string>", file);
  text += "</array><key>diagnostics</key><array>";
  for (const Finding& finding : findings) {
    text += fmt::format(
        "<dict><key>check_name</key><string>{}</string><key>description</key><string>{}</string>"
        "<key>issue_hash_content_of_line_in_context</key><string>{}</string>"
        "<key>location</key><dict><key>file</key><integer>{}</integer><key>line</key>"
        "<integer>{}</integer><key>col</key><integer>{}</integer></dict></dict>",
        finding.checker, finding.message, finding.hash, finding.file, finding.line, finding.column);
  }
  return text + "</array></dict></plist>";
}

class CollectorTest : public ::testing::Test {
 protected:
  CollectorTest() {
    absl::StatusOr<TemporaryDirectory> created = TemporaryDirectory::Create("", "collector");
    EXPECT_TRUE(created.ok()) << created.status();
    directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    UseSources({});
  }

  MapSources& UseSources(std::map<std::string, std::string> texts) {
    auto sources = std::make_unique<MapSources>(std::move(texts));
    MapSources& kept = *sources;
    inputs_.sources = std::move(sources);
    return kept;
  }

  // Adds a result file with this name and content.
  InputFile& AddInput(const std::string& name, std::string_view bytes,
                      InputFile::Format format = InputFile::Format::kPlist) {
    const std::string path = directory_->path() + "/" + name;
    const absl::StatusOr<UniqueFd> fd = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
    EXPECT_TRUE(fd.ok()) << fd.status();
    EXPECT_TRUE(WriteAt(fd->get(), bytes, 0, path).ok());
    return inputs_.files.emplace_back(InputFile{
        .path = path, .name = name, .format = format, .directory = "/src", .skip_file = -1});
  }

  // As above. The file's last change was at `seconds` since 1970.
  InputFile& AddInput(const std::string& name, std::string_view bytes, int64_t seconds) {
    InputFile& input = AddInput(name, bytes);
    const struct timespec times[2] = {{0, UTIME_OMIT}, {seconds, 0}};
    EXPECT_EQ(::utimensat(AT_FDCWD, input.path.c_str(), times, 0), 0);
    return input;
  }

  // Collects, sends all contents, and finishes.
  absl::Status Run(CollectorOptions options = {}) {
    sink_ = std::make_unique<RecordingSink>();
    Collector collector(inputs_, std::move(options), *sink_);
    absl::Status status = RunAll(collector);
    counts_ = collector.counts();
    warnings_ = collector.warnings();
    change_warning_ = collector.ChangeWarning();
    return status;
  }

  static absl::Status RunAll(Collector& collector) {
    STORED_RETURN_IF_ERROR(collector.Collect());
    STORED_RETURN_IF_ERROR(collector.SendContents(collector.Sources()));
    return collector.Finish();
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  Inputs inputs_;
  std::unique_ptr<RecordingSink> sink_ = std::make_unique<RecordingSink>();
  CollectorCounts counts_;
  std::vector<std::string> warnings_;
  std::string change_warning_;
};

}  // namespace stored::reports
