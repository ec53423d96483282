#include "tools/upload/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"
#include "client/uploader.h"
#include "marshalling/contract_limits.h"
#include "marshalling/time_marshalling.h"
#include "reports/limits.h"
#include "tools/commands/outcome.h"
#include "tools/terminal/format.h"
#include "tools/terminal/progress_throttle.h"

namespace stored::tools {
namespace {

// Limits of the contract, see UploadHeader and FindMissingSourcesRequest.
using marshalling::kMaxMissingSources;
using reports::kMaxDescriptionBytes;
using reports::kMaxRunNameBytes;
using reports::kMaxTagBytes;

// How long the first calls are retried, and the timeout of each, before the input is read.
constexpr absl::Duration kFirstContactPatience = absl::Seconds(10);
constexpr absl::Duration kFirstContactTimeout = absl::Seconds(5);

absl::Status CheckText(std::string_view option, std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        fmt::format("{} is {} bytes long; at most {} are allowed", option, text.size(), max_bytes));
  }
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError(fmt::format("{} is not UTF-8", option));
  return absl::OkStatus();
}

absl::Status CheckName(std::string_view option, std::string_view name) {
  STORED_RETURN_IF_ERROR(CheckText(option, name, kMaxRunNameBytes));
  if (HasControlCharacter(name)) {
    return absl::InvalidArgumentError(fmt::format("{} has a control character", option));
  }
  if (!name.empty() && name.find_first_not_of(' ') == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format("{} is blank: name the run", option));
  }
  return absl::OkStatus();
}

// One run of `storectl upload`. Each step prints what it did, and returns an Ending other than
// Done() if it failed.
class Upload {
 public:
  Upload(Session& session, const UploadArguments& arguments)
      : session_(session),
        output_(session.output()),
        arguments_(arguments),
        limit_(session.clock(), arguments.timeout),
        throttle_(session.clock()) {}

  Ending Run() {
    if (const absl::Status status = CheckArguments(); !status.ok()) return WrongUse(status);
    v1::UploadResponse answer;
    if (Ending ending = ReachServer(answer); ending.code != ExitCode::kDone) return ending;
    if (answer.token().empty()) {
      if (Ending ending = Send(answer); ending.code != ExitCode::kDone) return ending;
    }
    SetLossAdvice(answer.token());
    if (arguments_.no_block) return PrintToken(answer);
    output_.Note(fmt::format("token {}", answer.token()));
    return WaitForOutcome(session_, answer.token(), answer.status(), arguments_.watch, limit_,
                          warnings_);
  }

 private:
  absl::Status CheckArguments() {
    STORED_RETURN_IF_ERROR(CheckName("--name", arguments_.name));
    STORED_RETURN_IF_ERROR(CheckText("--tag", arguments_.tag, kMaxTagBytes));
    STORED_RETURN_IF_ERROR(
        CheckText("--description", arguments_.description, kMaxDescriptionBytes));
    if (const absl::Status roots = CheckSourceRoots(arguments_.bundle.source_roots); !roots.ok()) {
      return Annotate(roots, "--source-root");
    }
    return CheckPaths(arguments_.bundle.paths);
  }

  // Calls the server before the input is read. Retries for kFirstContactPatience, or until
  // --timeout if that is given.
  template <typename Call>
  auto FirstCall(Call call) {
    const bool limited = limit_.allowed() != absl::InfiniteDuration();
    return session_.CallWithRetry(std::move(call),
                                  limited ? absl::InfiniteDuration() : kFirstContactPatience,
                                  limited ? limit_.Remaining() : absl::InfiniteDuration());
  }

  // Finds out, before minutes of parsing, whether the server can be reached and has the product.
  // Sets `answer` if an earlier upload under the same --upload-id has been accepted.
  Ending ReachServer(v1::UploadResponse& answer) {
    session_.SetInterruptMessage("nothing was stored");
    if (!arguments_.upload_id.empty()) {
      if (Ending ending = FindEarlierUpload(answer); ending.code != ExitCode::kDone) return ending;
    }
    v1::FindMissingSourcesRequest request;
    request.set_product(arguments_.product);
    const auto reached = FirstCall([&](client::Connection& connection) {
      return connection.FindMissingSources(request, limit_.RpcTimeout(kFirstContactTimeout));
    });
    return reached.ok() ? Done() : session_.ServerFailure("upload", reached.status());
  }

  // Sets `answer` to the response of an earlier upload under --upload-id, if the server has
  // accepted one. Sending it again could fail: the server may have sources now that it lacked then,
  // so the bundle would differ.
  Ending FindEarlierUpload(v1::UploadResponse& answer) {
    v1::GetUploadRequest request;
    request.set_upload_id(arguments_.upload_id);
    const auto earlier = FirstCall([&](client::Connection& connection) {
      return connection.GetUpload(request, limit_.RpcTimeout(kFirstContactTimeout));
    });
    if (absl::IsNotFound(earlier.status())) return Done();
    if (!earlier.ok()) return session_.ServerFailure("upload", earlier.status());
    if (earlier->token().empty()) return Done();
    const std::string& run = earlier->status().run_name();
    if (!arguments_.name.empty() && arguments_.name != run) {
      return {ExitCode::kServer,
              fmt::format("upload: --upload-id {} was used for run {}, token {}; use another id",
                          arguments_.upload_id, run, earlier->token())};
    }
    output_.Note(fmt::format("the server already has upload {}", arguments_.upload_id));
    answer.set_token(earlier->token());
    *answer.mutable_status() = earlier->status();
    return Done();
  }

  // Builds the bundle and uploads it. Removes the scratch directory before the upload.
  Ending Send(v1::UploadResponse& answer) {
    absl::StatusOr<TemporaryDirectory> scratch = TemporaryDirectory::Create("", "storectl-");
    if (!scratch.ok()) return WrongUse(scratch.status());
    session_.SetInterruptScratch(scratch->path());
    auto builder = std::make_unique<BundleBuilder>(WithProgress(), scratch->path());
    if (Ending ending = Build(*builder); ending.code != ExitCode::kDone) return ending;
    const UniqueFd bundle = builder->TakeBundle();
    builder.reset();
    session_.SetInterruptScratch("");
    { const TemporaryDirectory removed = *std::move(scratch); }
    return SendBundle(bundle.get(), answer);
  }

  BundleOptions WithProgress() {
    BundleOptions options = arguments_.bundle;
    options.progress = [this](uint64_t done, uint64_t total) {
      if (!output_.shows_progress() || !throttle_.Due(done == total)) return;
      output_.ShowProgress(fmt::format("reading {} of {} result files", done, total));
    };
    return options;
  }

  Ending Build(BundleBuilder& builder) {
    if (const absl::Status status = builder.Open(); !status.ok()) return WrongUse(status);
    if (const absl::Status status = ChooseRun(builder.run_names()); !status.ok()) {
      return WrongUse(status);
    }
    if (const absl::Status status = builder.Collect(); !status.ok()) return WrongUse(status);
    if (const std::string changed = builder.ChangeWarning();
        arguments_.refuse_changed_sources && !changed.empty()) {
      return {ExitCode::kWrongUse,
              fmt::format("upload: {}; nothing was stored (--refuse-changed-sources)", changed)};
    }
    const std::vector<Sha256Digest> sources = builder.Sources();
    std::vector<Sha256Digest> missing;
    if (Ending ending = FindMissing(sources, missing); ending.code != ExitCode::kDone) {
      return ending;
    }
    if (const absl::Status status = builder.Finish(missing); !status.ok()) return WrongUse(status);
    warnings_ = builder.warnings();
    for (const std::string& warning : warnings_) output_.Warning(warning);
    Describe(builder.counts(), sources.size(), missing.size());
    return Done();
  }

  // Sets the name of the run from --name, else from `named`, the runs that metadata names.
  // INVALID_ARGUMENT if it names none or several.
  absl::Status ChooseRun(const std::vector<reports::NamedRun>& named) {
    run_name_ = arguments_.name;
    if (run_name_.empty() && named.empty()) {
      return absl::InvalidArgumentError(
          "upload: the input does not name a run; give its name with --name");
    }
    if (run_name_.empty() && named.size() > 1) {
      return absl::InvalidArgumentError(
          fmt::format("upload: the results belong to several runs: '{}' ({}), '{}' ({}){}; upload "
                      "the results of each run separately, or name one run for all of them with "
                      "--name",
                      Printable(named[0].name), named[0].metadata, Printable(named[1].name),
                      named[1].metadata, named.size() > 2 ? ", ..." : ""));
    }
    if (run_name_.empty()) run_name_ = named[0].name;
    return CheckName("the run name", run_name_);
  }

  // Sets `missing` to those of `sources` that the server lacks, sorted.
  Ending FindMissing(const std::vector<Sha256Digest>& sources,
                     std::vector<Sha256Digest>& missing) const {
    for (size_t begin = 0; begin < sources.size(); begin += kMaxMissingSources) {
      v1::FindMissingSourcesRequest request;
      request.set_product(arguments_.product);
      const size_t end = std::min(begin + kMaxMissingSources, sources.size());
      for (size_t i = begin; i < end; ++i) request.add_sha256(sources[i].Hex());
      const auto answer = session_.CallWithRetry(
          [&](client::Connection& connection) {
            return connection.FindMissingSources(request, limit_.RpcTimeout(client::kRpcTimeout));
          },
          client::RetryPolicy().patience, limit_.Remaining());
      if (!answer.ok()) return session_.ServerFailure("upload", answer.status());
      for (const std::string& hex : answer->sha256()) {
        const std::optional<Sha256Digest> digest = Sha256Digest::FromHex(hex);
        if (digest) missing.push_back(*digest);
      }
    }
    std::sort(missing.begin(), missing.end());
    return Done();
  }

  void Describe(const reports::CollectorCounts& counts, size_t sources, size_t missing) const {
    output_.Note(fmt::format(
        "found {} with {}: {} in {}",
        FormatCount(counts.result_files, "result file", "result files"),
        FormatCount(static_cast<int64_t>(counts.diagnostics), "diagnostic", "diagnostics"),
        FormatCount(counts.reports, "distinct report", "distinct reports"),
        FormatCount(counts.source_files, "source file", "source files")));
    if (counts.skipped_diagnostics > 0) {
      output_.Note(fmt::format("skipped {} because of a skip file",
                               FormatCount(static_cast<int64_t>(counts.skipped_diagnostics),
                                           "diagnostic", "diagnostics")));
    }
    output_.Note(fmt::format("the server has {} of {}", sources - missing,
                             FormatCount(static_cast<int64_t>(sources), "source", "sources")));
  }

  v1::UploadHeader Header(const std::string& upload_id, int64_t size) const {
    v1::UploadHeader header;
    header.set_upload_id(upload_id);
    header.set_product(arguments_.product);
    header.set_run_name(run_name_);
    header.set_tag(arguments_.tag);
    header.set_description(arguments_.description);
    header.set_format(v1::PAYLOAD_FORMAT_BUNDLE);
    header.set_force(arguments_.force);
    header.set_refuse_if_busy(arguments_.refuse_if_busy);
    header.set_expected_size(size);
    if (arguments_.expire_after) {
      *header.mutable_expire_after() = marshalling::ToProto(*arguments_.expire_after);
    }
    return header;
  }

  Ending SendBundle(int fd, v1::UploadResponse& answer) {
    const absl::StatusOr<client::Payload> payload = client::DigestPayload(fd, "the bundle");
    if (!payload.ok()) return WrongUse(payload.status());
    const std::string upload_id =
        arguments_.upload_id.empty() ? client::NewUploadId() : arguments_.upload_id;
    const std::string again =
        fmt::format("to make sure, run the same command with --upload-id {}", upload_id);
    session_.SetInterruptMessage("the server had not acknowledged the upload yet; " + again);
    client::UploadOptions options;
    options.on_progress = [this](int64_t sent, int64_t total) { ShowUpload(sent, total); };
    options.on_failure = [this](const absl::Status& failure, absl::Duration /*delay*/) {
      output_.Note(fmt::format("upload: {}; resuming", std::string(failure.message())));
    };
    client::Uploader uploader(session_.server(), session_.clock(), limit_, std::move(options));
    absl::StatusOr<v1::UploadResponse> response =
        uploader.Upload(Header(upload_id, payload->size), *payload);
    output_.ClearProgress();
    if (!response.ok()) {
      Ending ending = session_.ServerFailure("upload", response.status());
      const bool outcome_unknown =
          ending.code == ExitCode::kTimeout || absl::IsUnavailable(response.status());
      if (outcome_unknown) ending.message += "; " + again;
      return ending;
    }
    output_.Note(fmt::format("uploaded {}", FormatBytes(payload->size)));
    answer = *std::move(response);
    return Done();
  }

  void ShowUpload(int64_t sent, int64_t total) {
    constexpr int64_t kBarWidth = 30;
    if (!output_.shows_progress() || !throttle_.Due(sent == total)) return;
    const int64_t filled = total == 0 ? kBarWidth : kBarWidth * sent / total;
    output_.ShowProgress(fmt::format("uploading [{:<{}}] {} of {}",
                                     std::string(static_cast<size_t>(filled), '='), kBarWidth,
                                     FormatBytes(sent), FormatBytes(total)));
  }

  // Makes sure that the user gets the token even if standard output fails, because only the token
  // leads to the outcome of an accepted upload.
  void SetLossAdvice(const std::string& token) const {
    output_.set_loss_advice(fmt::format("the upload was accepted; for its outcome run: {}",
                                        session_.WaitCommand(token)));
    // SIGPIPE would end the process before it prints that advice.
    std::signal(SIGPIPE, SIG_IGN);
  }

  Ending PrintToken(const v1::UploadResponse& answer) const {
    if (output_.json()) return session_.Document(answer.status());
    output_.Line(answer.token());
    return Done();
  }

  Session& session_;
  Output& output_;
  const UploadArguments& arguments_;
  client::TimeLimit limit_;
  ProgressThrottle throttle_;
  std::string run_name_;
  // The warnings that have been printed. The outcome of the store contains them again.
  std::vector<std::string> warnings_;
};

}  // namespace

Ending RunUpload(Session& session, const UploadArguments& arguments) {
  return Upload(session, arguments).Run();
}

}  // namespace stored::tools
