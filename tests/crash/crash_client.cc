#include "tests/crash/crash_client.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/files/file.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/time/clock.h"
#include "client/connection.h"
#include "client/outcome_waiter.h"
#include "client/uploader.h"

namespace stored::tests {
namespace {

// An operation that takes longer than this on a server that is always restarted counts as a hang.
constexpr absl::Duration kPatience = absl::Minutes(3);

client::TimeLimit Limit() { return client::TimeLimit(Clock::System(), kPatience); }

// Returns an unnamed file that holds `bytes`.
absl::StatusOr<UniqueFd> InMemory(const std::string& bytes) {
  UniqueFd fd(::memfd_create("payload", MFD_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "memfd_create");
  STORED_RETURN_IF_ERROR(WriteAt(fd.get(), bytes, 0, "payload"));
  return fd;
}

absl::Status Broken(const LedgerEntry& entry, const std::string& what) {
  return absl::InternalError(
      fmt::format("run {}, store {} ({}): {}", entry.run, entry.ordinal, entry.token, what));
}

}  // namespace

client::RetryPolicy EagerRetryPolicy() {
  client::RetryPolicy policy;
  policy.first_delay = absl::Milliseconds(10);
  policy.longest_delay = absl::Milliseconds(200);
  policy.patience = kPatience;
  return policy;
}

std::string CrashClient::MessageOf(const Options& options, int report) {
  std::string message = fmt::format("{} report {}", options.run, report);
  message.resize(std::max(message.size(), static_cast<size_t>(options.message_bytes)), '.');
  return message;
}

std::string CrashClient::SarifOf(const Options& options, int ordinal) {
  std::string log = R"({"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t"}},"results":[)";
  for (int i = ordinal; i < ordinal + options.window; ++i) {
    log += fmt::format(R"({}{{"ruleId":"r","message":{{"text":"{}"}},"locations":[{{)"
                       R"("physicalLocation":{{"artifactLocation":{{"uri":"a.c"}},)"
                       R"("region":{{"startLine":{}}}}}}}]}})",
                       i == ordinal ? "" : ",", MessageOf(options, i), i + 1);
  }
  return log + "]}]}";
}

absl::Status CrashClient::StoreSome() {
  const size_t first = ledger_.size();
  const int count = std::uniform_int_distribution<int>(1, options_.pipeline)(random_);
  for (int i = 0; i < count; ++i) {
    LedgerEntry entry;
    entry.run = options_.run;
    entry.ordinal = static_cast<int>(ledger_.size());
    entry.upload_id = client::NewUploadId();
    STORED_RETURN_IF_ERROR(Accept(entry));
    ledger_.push_back(entry);
    if (Due(entry.ordinal, options_.cancel_every)) STORED_RETURN_IF_ERROR(Cancel(entry));
  }
  for (size_t i = first; i < ledger_.size(); ++i) {
    STORED_RETURN_IF_ERROR(AwaitEnd(ledger_[i], Due(ledger_[i].ordinal, options_.watch_every)));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::UploadResponse> CrashClient::Upload(const LedgerEntry& entry,
                                                       const std::string& sarif) {
  STORED_ASSIGN_OR_RETURN(const UniqueFd fd, InMemory(sarif));
  STORED_ASSIGN_OR_RETURN(const client::Payload payload, client::DigestPayload(fd.get(), "log"));
  v1::UploadHeader header;
  header.set_upload_id(entry.upload_id);
  header.set_product(options_.product);
  header.set_run_name(entry.run);
  header.set_format(v1::PAYLOAD_FORMAT_SARIF);
  client::UploadOptions upload_options;
  upload_options.retry = EagerRetryPolicy();
  client::Uploader uploader(*client::Endpoint::Parse(options_.target), Clock::System(), Limit(),
                            std::move(upload_options));
  const absl::Duration start = Clock::System().Monotonic();
  absl::StatusOr<v1::UploadResponse> answer = uploader.Upload(header, payload);
  longest_upload_ = std::max(longest_upload_, Clock::System().Monotonic() - start);
  return answer;
}

absl::Status CrashClient::Accept(LedgerEntry& entry) {
  const std::string sarif = SarifOf(options_, entry.ordinal);
  STORED_ASSIGN_OR_RETURN(const v1::UploadResponse accepted, Upload(entry, sarif));
  entry.token = accepted.token();
  if (!Due(entry.ordinal, options_.repeat_every)) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const v1::UploadResponse again, Upload(entry, sarif));
  if (again.token() != entry.token) {
    return Broken(entry, "the same upload got another token: " + again.token());
  }
  return absl::OkStatus();
}

absl::Status CrashClient::Cancel(const LedgerEntry& entry) {
  v1::CancelStoreRequest request;
  request.set_token(entry.token);
  const absl::Status asked = AskServer(options_.target, [&](client::Connection& server) {
                               return server.CancelStore(request);
                             }).status();
  // The store may have ended before the cancel arrived.
  return absl::IsFailedPrecondition(asked) ? absl::OkStatus() : asked;
}

absl::Status CrashClient::AwaitEnd(LedgerEntry& entry, bool watch) {
  client::RemoteStatusSource source(*client::Endpoint::Parse(options_.target));
  client::WaitOptions wait;
  wait.watch = watch;
  wait.retry = EagerRetryPolicy();
  wait.polling.longest = absl::Milliseconds(200);
  absl::Status broken;
  int64_t revision = 0;
  wait.on_status = [&](const v1::StoreStatus& status) {
    if (status.revision() < revision) {
      broken = Broken(
          entry, fmt::format("its revision went back from {} to {}", revision, status.revision()));
    }
    revision = status.revision();
  };
  client::OutcomeWaiter waiter(source, Clock::System(), Limit(), std::move(wait));
  const absl::Duration start = Clock::System().Monotonic();
  const absl::StatusOr<v1::StoreStatus> end = waiter.Wait(entry.token, std::nullopt);
  longest_wait_ = std::max(longest_wait_, Clock::System().Monotonic() - start);
  if (!end.ok()) return Broken(entry, end.status().ToString());
  entry.end = *end;
  return broken;
}

}  // namespace stored::tests
