#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "base/files/file.h"
#include "base/status.h"
#include "base/text/text.h"
#include "client/uploader.h"
#include "reports/limits.h"
#include "tools/commands/bundle_builder.h"
#include "tools/commands/command.h"
#include "tools/terminal/format.h"
#include "tools/terminal/outcome.h"
#include "tools/terminal/progress_throttle.h"

namespace stored::tools {
namespace {

using reports::kMaxDescriptionBytes;
using reports::kMaxRunNameBytes;
using reports::kMaxTagBytes;
constexpr size_t kMaxSourcesPerCall = 10'000;

// How long a server that does not answer is looked for before any work is done.
constexpr absl::Duration kFirstContactPatience = absl::Seconds(10);
constexpr absl::Duration kFirstContactTimeout = absl::Seconds(5);

struct UploadArguments {
  BundleOptions bundle;
  std::string name;
  std::string product;
  std::string tag;
  std::string description;
  std::string upload_id;
  std::string timeout;
  std::string expire_after;
  bool force = false;
  bool refuse_if_busy = false;
  bool no_block = false;
  bool watch = false;
  bool refuse_changed_sources = false;
};

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

// Sends the results of one analysis. Each step prints what it did, and returns how the command ends
// when it could not.
class Upload {
 public:
  Upload(Session& session, const UploadArguments& arguments, const client::TimeLimit& limit)
      : session_(session),
        output_(session.output()),
        arguments_(arguments),
        limit_(limit),
        throttle_(session.clock()) {}

  Ending Run() {
    if (const absl::Status status = CheckArguments(); !status.ok()) return WrongUse(status);
    v1::UploadResponse answer;
    if (Ending ending = ReachServer(answer); ending.code != ExitCode::kDone) return ending;
    if (answer.token().empty()) {
      if (Ending ending = Send(answer); ending.code != ExitCode::kDone) return ending;
    }
    TellLoss(answer.token());
    if (arguments_.no_block) return PrintToken(answer);
    output_.Note(fmt::format("token {}", answer.token()));
    return WaitForOutcome(session_, answer.token(), answer.status(), arguments_.watch, limit_,
                          warnings_);
  }

 private:
  absl::Status CheckArguments() {
    if (!arguments_.expire_after.empty()) {
      const absl::StatusOr<absl::Duration> lifetime = ParseLifetime(arguments_.expire_after);
      if (!lifetime.ok()) return Annotate(lifetime.status(), "--expire-after");
      expire_after_ = *lifetime;
    }
    STORED_RETURN_IF_ERROR(CheckName("--name", arguments_.name));
    STORED_RETURN_IF_ERROR(CheckText("--tag", arguments_.tag, kMaxTagBytes));
    STORED_RETURN_IF_ERROR(
        CheckText("--description", arguments_.description, kMaxDescriptionBytes));
    if (const absl::Status roots = CheckSourceRoots(arguments_.bundle.source_roots); !roots.ok()) {
      return Annotate(roots, "--source-root");
    }
    return CheckPaths(arguments_.bundle.paths);
  }

  template <typename Call>
  auto AskFirst(Call call) {
    const bool limited = limit_.allowed() != absl::InfiniteDuration();
    return session_.Ask(std::move(call), limited ? absl::InfiniteDuration() : kFirstContactPatience,
                        limited ? limit_.Remaining() : absl::InfiniteDuration());
  }

  // A server that is not there, or does not have the product, is found before minutes of parsing.
  // `answer` is set when what is asked for was done before.
  Ending ReachServer(v1::UploadResponse& answer) {
    session_.OnInterrupt("nothing was stored");
    if (!arguments_.upload_id.empty()) {
      if (Ending ending = FindEarlierUpload(answer); ending.code != ExitCode::kDone) return ending;
    }
    v1::FindMissingSourcesRequest request;
    request.set_product(arguments_.product);
    const auto reached = AskFirst([&](client::Connection& connection) {
      return connection.FindMissingSources(request, limit_.RpcTimeout(kFirstContactTimeout));
    });
    return reached.ok() ? Done() : session_.ServerFailure("upload", reached.status());
  }

  // Takes the token whose answer was lost. Sending again would not do: the server may have sources
  // now that it lacked then, and the bundle would be another one.
  Ending FindEarlierUpload(v1::UploadResponse& answer) {
    v1::GetUploadRequest request;
    request.set_upload_id(arguments_.upload_id);
    const auto earlier = AskFirst([&](client::Connection& connection) {
      return connection.GetUpload(request, limit_.RpcTimeout(kFirstContactTimeout));
    });
    if (absl::IsNotFound(earlier.status())) return Done();
    if (!earlier.ok()) return session_.ServerFailure("upload", earlier.status());
    if (earlier->token().empty()) return Done();
    const std::string& run = earlier->status().run_name();
    if (!arguments_.name.empty() && arguments_.name != run) {
      return {ExitCode::kServer,
              fmt::format("upload: --upload-id {} was used for run {}, token {}; take another",
                          arguments_.upload_id, run, earlier->token())};
    }
    output_.Note(fmt::format("the server has upload {} already", arguments_.upload_id));
    answer.set_token(earlier->token());
    *answer.mutable_status() = earlier->status();
    return Done();
  }

  // Makes the bundle and uploads it. All that was unpacked for it is gone before the upload.
  Ending Send(v1::UploadResponse& answer) {
    absl::StatusOr<TemporaryDirectory> scratch = TemporaryDirectory::Create("", "storectl-");
    if (!scratch.ok()) return WrongUse(scratch.status());
    session_.RemoveOnInterrupt(scratch->path());
    auto builder = std::make_unique<BundleBuilder>(WithProgress(), scratch->path());
    if (Ending ending = Build(*builder); ending.code != ExitCode::kDone) return ending;
    const UniqueFd bundle = builder->TakeBundle();
    builder.reset();
    session_.RemoveOnInterrupt("");
    { const TemporaryDirectory gone = *std::move(scratch); }
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

  // Sets the run's name from --name, else from `named`, the runs that metadata names. Fails where
  // those are none or several.
  absl::Status ChooseRun(const std::vector<reports::NamedRun>& named) {
    run_name_ = arguments_.name;
    if (run_name_.empty() && named.empty()) {
      return absl::InvalidArgumentError(
          "upload: the analysis has no name; give the run one with --name");
    }
    if (run_name_.empty() && named.size() > 1) {
      return absl::InvalidArgumentError(
          fmt::format("upload: the results are of several runs: '{}' ({}), '{}' ({}){}; upload "
                      "those of each run "
                      "by themselves, or name the run that takes them all with --name",
                      Printable(named[0].name), named[0].metadata, Printable(named[1].name),
                      named[1].metadata, named.size() > 2 ? ", ..." : ""));
    }
    if (run_name_.empty()) run_name_ = named[0].name;
    return CheckName("the run name", run_name_);
  }

  // `missing`: those of `sources` that the server lacks, sorted.
  Ending FindMissing(const std::vector<Sha256Digest>& sources,
                     std::vector<Sha256Digest>& missing) const {
    for (size_t begin = 0; begin < sources.size(); begin += kMaxSourcesPerCall) {
      v1::FindMissingSourcesRequest request;
      request.set_product(arguments_.product);
      const size_t end = std::min(begin + kMaxSourcesPerCall, sources.size());
      for (size_t i = begin; i < end; ++i) request.add_sha256(sources[i].Hex());
      const auto answer = session_.Ask(
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
        "found {} with {}: {} in {}", Count(counts.result_files, "result file", "result files"),
        Count(static_cast<int64_t>(counts.diagnostics), "diagnostic", "diagnostics"),
        Count(counts.reports, "distinct report", "distinct reports"),
        Count(counts.source_files, "source file", "source files")));
    if (counts.skipped_diagnostics > 0) {
      output_.Note(fmt::format(
          "left out {} by skip file",
          Count(static_cast<int64_t>(counts.skipped_diagnostics), "diagnostic", "diagnostics")));
    }
    output_.Note(fmt::format("the server has {} of {}", sources - missing,
                             Count(static_cast<int64_t>(sources), "source", "sources")));
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
    if (expire_after_) *header.mutable_expire_after() = ToProto(*expire_after_);
    return header;
  }

  Ending SendBundle(int fd, v1::UploadResponse& answer) {
    const absl::StatusOr<client::Payload> payload = client::DigestPayload(fd, "the bundle");
    if (!payload.ok()) return WrongUse(payload.status());
    const std::string upload_id =
        arguments_.upload_id.empty() ? client::NewUploadId() : arguments_.upload_id;
    const std::string again =
        fmt::format("to be sure, run the same command with --upload-id {}", upload_id);
    session_.OnInterrupt("the server had not acknowledged the upload yet; " + again);
    client::UploadOptions options;
    options.on_progress = [this](int64_t sent, int64_t total) { ShowUpload(sent, total); };
    options.on_failure = [this](const absl::Status& failure, absl::Duration /*delay*/) {
      output_.Note(fmt::format("upload: {}; going on", std::string(failure.message())));
    };
    client::Uploader uploader(session_.target(), session_.clock(), limit_, std::move(options));
    absl::StatusOr<v1::UploadResponse> response =
        uploader.Upload(Header(upload_id, payload->size), *payload);
    output_.ClearProgress();
    if (!response.ok()) {
      Ending ending = session_.ServerFailure("upload", response.status());
      const bool unsure =
          ending.code == ExitCode::kTimeout || absl::IsUnavailable(response.status());
      if (unsure) ending.message += "; " + again;
      return ending;
    }
    output_.Note(fmt::format("uploaded {}", BytesWord(payload->size)));
    answer = *std::move(response);
    return Done();
  }

  void ShowUpload(int64_t sent, int64_t total) {
    constexpr int64_t kBarWidth = 30;
    if (!output_.shows_progress() || !throttle_.Due(sent == total)) return;
    const int64_t filled = total == 0 ? kBarWidth : kBarWidth * sent / total;
    output_.ShowProgress(fmt::format("uploading [{:<{}}] {} of {}",
                                     std::string(static_cast<size_t>(filled), '='), kBarWidth,
                                     BytesWord(sent), BytesWord(total)));
  }

  // From here on the results are the server's, and the token is all that there is to find them by.
  void TellLoss(const std::string& token) const {
    output_.set_loss_advice(
        fmt::format("the upload was accepted, for its outcome: {}", session_.WaitCommand(token)));
    // A closed pipe would otherwise kill the command before it prints that advice.
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
  std::optional<absl::Duration> expire_after_;
  // What the user has been told; the server repeats it.
  std::vector<std::string> warnings_;
};

Ending RunUpload(Session& session, const UploadArguments& arguments) {
  absl::Duration allowed = absl::InfiniteDuration();
  if (!arguments.timeout.empty()) {
    const absl::StatusOr<absl::Duration> timeout = ParseTimeout(arguments.timeout);
    if (!timeout.ok()) return WrongUse(Annotate(timeout.status(), "--timeout"));
    allowed = *timeout;
  }
  return Upload(session, arguments, client::TimeLimit(session.clock(), allowed)).Run();
}

}  // namespace

void AddUploadCommand(CLI::App& app, Command& chosen) {
  auto arguments = std::make_shared<UploadArguments>();
  CLI::App* command = app.add_subcommand(
      "upload", "Uploads results and waits until they are stored, printing what is new");
  command
      ->add_option("PATH", arguments->bundle.paths,
                   "Report directory, plist, SARIF log, archive of a report directory, or - for "
                   "standard input")
      ->required();
  // Each option takes one value, so that a PATH may follow it.
  const auto text = [command](const char* name, auto& value, const char* type,
                              const char* description) {
    return command->add_option(name, value, description)->type_name(type)->allow_extra_args(false);
  };
  text("--name", arguments->name, "RUN",
       "Name of the run; else the one in metadata.json, where that is one");
  text("--product", arguments->product, "P", "Product to store into; else \"default\"");
  text("--tag", arguments->tag, "T", "Names this store in the run's history; empty is none");
  text("--description", arguments->description, "D",
       "Text for people, kept with the store; may be empty");
  text("--expire-after", arguments->expire_after, "TIME",
       "Remove the run so long after its newest store: 30d, 12h, never; else as it was set before");
  command->add_flag("--force", arguments->force, "Remove what the run had and store afresh");
  command->add_flag("--refuse-if-busy", arguments->refuse_if_busy,
                    "Be refused while another store into the run is queued or running");
  text("--trim-path-prefix", arguments->bundle.trim_path_prefixes, "P",
       "Remove this from the front of file paths, the longest that matches; *, ? and [...] match / "
       "too; repeatable");
  text("--source-root", arguments->bundle.source_roots, "DIR",
       "Read sources below DIR too, not only below the paths given, the working directory and the "
       "system's include directories; repeatable");
  command->add_flag("--refuse-changed-sources", arguments->refuse_changed_sources,
                    "Store nothing when a source is newer than a result file that names it");
  command->add_flag("--skip-bad-files", arguments->bundle.skip_bad_files,
                    "Leave out result files that cannot be read, with a warning each");
  text("--upload-id", arguments->upload_id, "ID",
       "Repeat an upload whose answer was lost: one upload id is stored once");
  CLI::Option* no_block =
      command->add_flag("--no-block", arguments->no_block, "Do not wait: print the token and end");
  command
      ->add_flag("--watch", arguments->watch,
                 "Wait on a stream instead of polling on short connections")
      ->excludes(no_block);
  text("--timeout", arguments->timeout, "D", "Time for everything: 30s, 5m, 1h30m; else no limit");
  command->callback([&chosen, arguments] {
    chosen = [arguments](Session& session) { return RunUpload(session, *arguments); };
  });
}

}  // namespace stored::tools
