#include "marshalling/store_marshalling.h"

#include <fmt/format.h>

#include <optional>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/limits.h"

namespace stored::marshalling {
namespace {

// Stands for every format that this version does not know. CheckUploadHeader refuses it.
constexpr storage::PayloadFormat kUnknownFormat{};

storage::PayloadFormat FormatFromProto(v1::PayloadFormat format) {
  switch (format) {
    case v1::PAYLOAD_FORMAT_BUNDLE:
      return storage::PayloadFormat::kBundle;
    case v1::PAYLOAD_FORMAT_SARIF:
      return storage::PayloadFormat::kSarif;
    case v1::PAYLOAD_FORMAT_PLIST:
      return storage::PayloadFormat::kPlist;
    case v1::PAYLOAD_FORMAT_ARCHIVE:
      return storage::PayloadFormat::kArchive;
    default:
      return kUnknownFormat;
  }
}

v1::StoreResult ToProto(const storage::StoreResult& result) {
  v1::StoreResult out;
  out.set_run_id(result.run_id);
  out.set_new_reports(result.new_reports);
  out.set_unresolved_reports(result.unresolved_reports);
  out.set_reopened_reports(result.reopened_reports);
  out.set_resolved_reports(result.resolved_reports);
  out.set_off_reports(result.off_reports);
  out.set_unavailable_reports(result.unavailable_reports);
  out.set_reports(result.reports);
  out.set_diagnostics(result.diagnostics);
  out.set_result_files(result.result_files);
  out.set_source_files(result.source_files);
  out.set_new_sources(result.new_sources);
  out.set_new_source_bytes(result.new_source_bytes);
  out.set_analyzed_files(result.analyzed_files);
  out.set_failed_files(result.failed_files);
  for (const std::string& warning : result.warnings) {
    out.add_warnings(ReplaceInvalidUtf8(warning));
  }
  return out;
}

}  // namespace

absl::StatusOr<Sha256Digest> DigestFromProto(const std::string& hex, std::string_view field) {
  const std::optional<Sha256Digest> digest = Sha256Digest::FromHex(hex);
  if (digest) return *digest;
  return absl::InvalidArgumentError(
      fmt::format("{} is not a SHA-256: write 64 hexadecimal digits", field));
}

absl::StatusOr<storage::UploadHeader> FromProto(const v1::UploadHeader& header) {
  storage::UploadHeader out;
  storage::StoreRequest& request = out.request;
  request.upload_id = header.upload_id();
  request.product = header.product();
  request.run_name = header.run_name();
  request.tag = header.tag();
  request.description = header.description();
  request.format = FormatFromProto(header.format());
  request.force = header.force();
  request.trim_path_prefixes.assign(header.trim_path_prefixes().begin(),
                                    header.trim_path_prefixes().end());
  request.skip_bad_files = header.skip_bad_files();
  out.refuse_if_busy = header.refuse_if_busy();
  out.expected_size = header.expected_size();
  if (header.has_expire_after()) {
    STORED_ASSIGN_OR_RETURN(request.expire_after,
                            LifetimeFromProto(header.expire_after(), "expire_after"));
  }
  return out;
}

absl::StatusOr<storage::SessionFilter> FromProto(const v1::ListStoresRequest& request) {
  storage::SessionFilter filter;
  filter.product = request.product();
  filter.run_name = request.run_name();
  for (const int state : request.states()) {
    if (state < v1::STORE_STATE_ALLOCATED || state > v1::STORE_STATE_CANCELLED) {
      return absl::InvalidArgumentError(fmt::format("states has {}, which is not a state", state));
    }
    filter.states.push_back(static_cast<storage::StoreState>(state));
  }
  return filter;
}

v1::StoreStatus ToProto(const storage::StoreSession& session,
                        const storage::StoreProgress& progress, const storage::PollTimes& times) {
  v1::StoreStatus out;
  out.set_token(session.token);
  out.set_state(static_cast<v1::StoreState>(session.state));
  out.set_in_progress(!storage::IsFinal(session.state));
  out.set_revision(progress.revision);
  out.set_product(session.request.product);
  out.set_run_name(session.request.run_name);
  out.set_tag(ReplaceInvalidUtf8(session.request.tag));
  out.set_description(ReplaceInvalidUtf8(session.request.description));
  out.set_force(session.request.force);
  out.set_format(static_cast<v1::PayloadFormat>(session.request.format));
  out.set_payload_size(session.payload.size);
  if (session.state == storage::StoreState::kRunning) {
    out.set_phase(static_cast<v1::StorePhase>(progress.phase));
    out.set_phase_done(progress.done);
    out.set_phase_total(progress.total);
  }
  if (session.enqueued_at != absl::InfinitePast()) {
    *out.mutable_enqueued_at() = ToProto(session.enqueued_at);
  }
  if (session.started_at) *out.mutable_started_at() = ToProto(*session.started_at);
  if (session.finished_at) *out.mutable_finished_at() = ToProto(*session.finished_at);
  if (progress.heartbeat_at) *out.mutable_heartbeat_at() = ToProto(*progress.heartbeat_at);
  if (out.in_progress()) {
    out.set_queue_position(progress.stores_ahead);
    *out.mutable_poll_after() = ToProto(times.poll_after);
    *out.mutable_estimate() = ToProto(times.estimate);
  }
  if (session.result) *out.mutable_result() = ToProto(*session.result);
  if (session.error.code != storage::StoreErrorCode::kNone) {
    out.mutable_error()->set_code(static_cast<v1::StoreErrorCode>(session.error.code));
    out.mutable_error()->set_message(ReplaceInvalidUtf8(session.error.message));
  }
  out.set_attempts(session.attempts);
  out.set_cancel_requested(session.cancel_requested);
  out.set_consumed(session.consumed);
  return out;
}

}  // namespace stored::marshalling
