#include "reports/collect/sources/content_sender.h"

#include <fmt/format.h>
#include <zstd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "reports/collect/input_reader.h"

namespace stored::reports {
namespace {

constexpr int kCompressionLevel = 3;

struct PackedContent {
  Sha256Digest digest;
  std::string zstd;
  uint64_t size = 0;
};

// The result of one job.
struct PackedContents {
  absl::Status status;
  std::vector<PackedContent> contents;
  std::vector<std::string> warnings;
  uint64_t weight = 0;
};

// One source file (`source`, with the content's `digest`), or all wanted contents that are embedded
// in one result file (`embedded`, in Inputs::files[input]).
struct Job {
  const Source* source = nullptr;
  Sha256Digest digest;
  size_t input = 0;
  std::vector<std::pair<FileIndex, Sha256Digest>> embedded;
};

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// Appends the compressed content to `out`, or a warning if its digest is not `digest`.
void Pack(std::string_view content, const Sha256Digest& digest, const std::string& name,
          PackedContents& out) {
  if (Sha256::Of(content) != digest) {
    out.warnings.push_back(
        fmt::format("{}: changed after its reports were read; its text is left out", name));
    return;
  }
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compressCCtx(context.get(), packed.data(), packed.size(), content.data(),
                                        content.size(), kCompressionLevel);
  if (ZSTD_isError(size) != 0) {
    out.status = absl::InternalError(
        fmt::format("{}: cannot be compressed: {}", name, ZSTD_getErrorName(size)));
    return;
  }
  // Copied, not resized: contents that wait to be sent should not keep the capacity for the worst
  // case.
  out.contents.push_back({digest, packed.substr(0, size), content.size()});
  out.weight += size;
}

void PackSource(const Job& job, const SourceProvider& provider, PackedContents& out) {
  const std::string& path = job.source->path();
  const absl::StatusOr<SourceText> source = job.source->ReadAgain(provider);
  if (source.ok()) {
    Pack(source->text, job.digest, path, out);
  } else {
    out.warnings.push_back(fmt::format("{}: cannot be read any more; its text is left out: {}",
                                       path, std::string(source.status().message())));
  }
}

void PackEmbedded(const Job& job, const InputFile& input, const Limits& limits,
                  const Cancellation& stop, PackedContents& out) {
  const absl::StatusOr<ResultFile> result = ReadResultFile(input, limits, stop);
  for (const auto& [file, digest] : job.embedded) {
    if (!result.ok() || file >= result->files.size() || !result->files[file].content) {
      out.warnings.push_back(
          fmt::format("{}: changed after it was read; sources in it are left out", input.name));
      return;
    }
    Pack(*result->files[file].content, digest, result->files[file].path, out);
  }
}

std::vector<Job> PlanJobs(absl::Span<const Sha256Digest> wanted,
                          const absl::flat_hash_map<Sha256Digest, ContentOrigin>& origins) {
  std::vector<Job> jobs;
  std::map<size_t, Job> of_inputs;
  absl::flat_hash_set<Sha256Digest> planned;
  for (const Sha256Digest& digest : wanted) {
    const auto origin = origins.find(digest);
    if (origin == origins.end() || !planned.insert(digest).second) continue;
    if (origin->second.source != nullptr) {
      Job& job = jobs.emplace_back();
      job.source = origin->second.source;
      job.digest = digest;
    } else {
      Job& job = of_inputs[origin->second.input];
      job.input = origin->second.input;
      job.embedded.emplace_back(origin->second.file, digest);
    }
  }
  for (auto& [input, job] : of_inputs) jobs.push_back(std::move(job));
  return jobs;
}

}  // namespace

absl::Status SendContents(absl::Span<const Sha256Digest> wanted,
                          const absl::flat_hash_map<Sha256Digest, ContentOrigin>& origins,
                          const Inputs& inputs, const Limits& limits,
                          const OrderedWorkOptions& options, ReportSink& sink,
                          WarningList& warnings) {
  const std::vector<Job> jobs = PlanJobs(wanted, origins);
  const auto make = [&](size_t index, const Cancellation& stop, const auto& /*hand_on*/) {
    PackedContents out;
    const Job& job = jobs[index];
    if (job.source != nullptr) {
      PackSource(job, *inputs.sources, out);
    } else {
      PackEmbedded(job, inputs.files[job.input], limits, stop, out);
    }
    return out;
  };
  const auto take = [&](size_t, PackedContents packed, bool /*last*/) {
    STORED_RETURN_IF_ERROR(packed.status);
    for (std::string& warning : packed.warnings) warnings.Add(std::move(warning));
    for (const PackedContent& content : packed.contents) {
      STORED_RETURN_IF_ERROR(sink.AddContent(content.digest.Raw(), content.zstd, content.size));
    }
    return absl::OkStatus();
  };
  return OrderedWork<PackedContents>::Run(jobs.size(), options, make, take);
}

}  // namespace stored::reports
