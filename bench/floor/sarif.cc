#include "bench/floor/sarif.h"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "bench/floor/database.h"
#include "bench/floor/encoding.h"

namespace stored::bench::floor {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kScheme = "file://";

struct Place {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string_view message;
};

uint32_t SeverityOf(std::string_view level) {
  if (level == "error") return 4;
  return level == "warning" ? 3 : 2;
}

class LogReader {
 public:
  explicit LogReader(ReportDatabase& database) : database_(database) {}

  void Read(ondemand::document& log) {
    for (ondemand::object run : log["runs"].get_array()) {
      for (ondemand::object result : run["results"].get_array()) AddResult(result);
    }
    for (size_t i = 0; i < files_.size(); ++i) {
      database_.AddFile(static_cast<uint32_t>(i + 1), files_[i], {});
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  void AddResult(ondemand::object result) {
    row_ = Row();
    Place main;
    events_.clear();
    for (auto field : result) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "ruleId") row_.checker = std::string_view(value);
      if (key == "level") row_.severity = SeverityOf(value);
      if (key == "message") row_.message = std::string_view(value["text"]);
      if (key == "locations") main = PlaceOf(*value.get_array().begin());
      if (key == "codeFlows") ReadCodeFlow(*value.get_array().begin());
      if (key == "partialFingerprints") {
        const std::string_view hash = value["clang/issueHash/v1"];
        row_.report_hash = FromHex(hash).value_or(std::string(hash));
      }
    }
    ++counts_.diagnostics;
    row_.file = main.file;
    row_.line = main.line;
    row_.column = main.column;
    main.message = row_.message;
    if (events_.empty()) events_.push_back(main);
    for (const Place& event : events_) {
      AppendVarint(event.file, row_.bug_path);
      AppendVarint(event.line, row_.bug_path);
      AppendVarint(event.column, row_.bug_path);
      AppendText(event.message, row_.bug_path);
    }
    Keep();
  }

  void Keep() {
    key_.clear();
    AppendText(row_.report_hash, key_);
    AppendText(row_.checker, key_);
    key_ += row_.bug_path;
    row_.identity = Sha256::Of(key_).Raw().substr(0, 16);
    if (!seen_.insert(row_.identity).second) return;
    ++counts_.reports;
    database_.AddReport(row_);
  }

  void ReadCodeFlow(ondemand::object code_flow) {
    for (ondemand::object flow : code_flow["threadFlows"].get_array()) {
      for (ondemand::object step : flow["locations"].get_array()) {
        events_.push_back(PlaceOf(step["location"].get_object()));
      }
    }
  }

  Place PlaceOf(ondemand::object location) {
    Place place;
    for (auto field : location) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "message") place.message = value["text"];
      if (key != "physicalLocation") continue;
      ondemand::object physical = value;
      place.file = FileId(physical["artifactLocation"]["uri"]);
      ondemand::object region = physical["region"];
      place.line = static_cast<uint32_t>(uint64_t{region["startLine"]});
      place.column = static_cast<uint32_t>(uint64_t{region["startColumn"]});
    }
    return place;
  }

  uint32_t FileId(std::string_view uri) {
    if (uri.starts_with(kScheme)) uri.remove_prefix(kScheme.size());
    const auto [entry, fresh] = ids_.try_emplace(absl::string_view(uri.data(), uri.size()),
                                                 static_cast<uint32_t>(files_.size() + 1));
    if (fresh) files_.emplace_back(uri);
    return entry->second;
  }

  ReportDatabase& database_;
  Row row_;
  std::vector<Place> events_;
  std::string key_;
  absl::flat_hash_map<std::string, uint32_t> ids_;
  std::vector<std::string> files_;
  absl::flat_hash_set<std::string> seen_;
  Counts counts_;
};

void Check(bool ok, const std::string& path) {
  if (ok) return;
  std::perror(("bench_floor: " + path).c_str());
  std::exit(1);
}

void WriteDurably(std::string_view bytes, const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Check(fd >= 0, path);
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    Check(written > 0, path);
    done += static_cast<size_t>(written);
  }
  Check(::fsync(fd) == 0, path);
  ::close(fd);
}

}  // namespace

Counts Sarif(const std::string& log, const std::string& path) {
  try {
    const simdjson::padded_string bytes = simdjson::padded_string::load(log);
    WriteDurably(bytes, path + ".sarif");
    ondemand::parser parser;
    ondemand::document document = parser.iterate(bytes);
    ReportDatabase database(path);
    LogReader reader(database);
    reader.Read(document);
    database.Commit();
    return reader.counts();
  } catch (const simdjson::simdjson_error& error) {
    std::fprintf(stderr, "bench_floor: %s: %s\n", log.c_str(), error.what());
    std::exit(1);
  }
}

}  // namespace stored::bench::floor
