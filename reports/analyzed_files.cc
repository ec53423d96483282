#include "reports/analyzed_files.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "absl/hash/hash.h"

namespace stored::reports {
namespace {

uint64_t HashOf(std::string_view directory, std::string_view name) {
  if (name.starts_with('/') || directory.empty()) return absl::HashOf(std::string(name));
  std::string path(directory);
  if (!path.ends_with('/')) path += '/';
  path += name;
  return absl::HashOf(path);
}

uint64_t Rest(uint64_t count, size_t named) { return count > named ? count - named : 0; }

uint32_t Bounded(uint64_t count) {
  return static_cast<uint32_t>(std::min<uint64_t>(count, std::numeric_limits<int32_t>::max()));
}

}  // namespace

void AnalyzedFiles::Add(const AnalyzerFiles& files) {
  const auto found = analyzers_.find(files.analyzer);
  OfAnalyzer& own =
      found != analyzers_.end() ? found->second : analyzers_[std::string(files.analyzer)];
  for (const std::string_view name : files.successful_sources) {
    const uint64_t hash = HashOf(files.directory, name);
    names_.insert(hash);
    own.names.insert(hash);
  }
  for (const std::string_view name : files.failed_sources) {
    const uint64_t hash = HashOf(files.directory, name);
    names_.insert(hash);
    failed_names_.insert(hash);
    own.names.insert(hash);
    own.failed_names.insert(hash);
  }
  const uint64_t failed_unnamed = Rest(files.failed, files.failed_sources.size());
  own.failed_unnamed += failed_unnamed;
  own.unnamed += failed_unnamed + Rest(files.successful, files.successful_sources.size());
}

void AnalyzedFiles::Add(const Analysis& analysis) {
  for (const AnalyzerRun& analyzer : analysis.analyzers) {
    Add({.analyzer = analyzer.name,
         .directory = analysis.working_directory,
         .successful = analyzer.successful,
         .successful_sources = {},
         .failed = analyzer.failed,
         .failed_sources = {analyzer.failed_sources.begin(), analyzer.failed_sources.end()}});
  }
}

uint32_t AnalyzedFiles::total() const {
  uint64_t total = names_.size();
  for (const auto& [name, own] : analyzers_) {
    total = std::max(total, own.names.size() + own.unnamed);
  }
  return Bounded(total);
}

uint32_t AnalyzedFiles::failed() const {
  uint64_t failed = failed_names_.size();
  for (const auto& [name, own] : analyzers_) {
    failed = std::max(failed, own.failed_names.size() + own.failed_unnamed);
  }
  return Bounded(failed);
}

}  // namespace stored::reports
