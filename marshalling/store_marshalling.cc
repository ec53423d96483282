#include "marshalling/store_marshalling.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text/text.h"
#include "reports/limits.h"

namespace stored::marshalling {
namespace {

using reports::kMaxDescriptionBytes;
using reports::kMaxRunNameBytes;
using reports::kMaxTagBytes;
constexpr int kMaxTrimPrefixes = 64;
constexpr size_t kMaxPatternBytes = 4096;

absl::Status CheckSize(const std::string& text, std::string_view field, size_t max_bytes) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} is {} bytes long; the limit is {}", field, text.size(), max_bytes));
}

absl::Status CheckNoControl(const std::string& text, std::string_view field) {
  if (!HasControlCharacter(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} '{}' has control characters", field, Printable(text.substr(0, 256))));
}

absl::Status CheckText(const std::string& text, std::string_view field, size_t max_bytes) {
  STORED_RETURN_IF_ERROR(CheckSize(text, field, max_bytes));
  return CheckNoControl(text, field);
}

// A description may have several lines.
absl::Status CheckDescription(const std::string& text) {
  STORED_RETURN_IF_ERROR(CheckSize(text, "description", kMaxDescriptionBytes));
  std::string in_one_line = text;
  std::erase_if(in_one_line, [](char c) { return c == '\n' || c == '\t' || c == '\r'; });
  return CheckNoControl(in_one_line, "description");
}

absl::StatusOr<storage::PayloadFormat> FormatFromProto(v1::PayloadFormat format) {
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
      return absl::InvalidArgumentError("format is missing or unknown: say what the payload is");
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

absl::StatusOr<std::string> ProductFromProto(const std::string& product) {
  if (product.empty()) return std::string(storage::kDefaultProduct);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (product.size() > 64 || !std::all_of(product.begin(), product.end(), allowed)) {
    return absl::InvalidArgumentError(
        fmt::format("product '{}' is not a valid name: 1 to 64 of a-z, 0-9, '_' and '-'",
                    Printable(product.substr(0, 64))));
  }
  return product;
}

absl::Status CheckRunName(const std::string& run_name) {
  if (run_name.empty()) return absl::InvalidArgumentError("run_name is empty: name the run");
  if (run_name.find_first_not_of(' ') == std::string::npos) {
    return absl::InvalidArgumentError("run_name is blank: name the run");
  }
  if (!IsValidUtf8(run_name)) return absl::InvalidArgumentError("run_name is not UTF-8");
  return CheckText(run_name, "run_name", kMaxRunNameBytes);
}

absl::Status CheckUploadId(const std::string& upload_id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (upload_id.size() >= 8 && upload_id.size() <= 64 && upload_id.front() != '.' &&
      std::all_of(upload_id.begin(), upload_id.end(), allowed)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("upload_id '{}' is not 8 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'",
                  Printable(upload_id.substr(0, 64))));
}

absl::StatusOr<Sha256Digest> DigestFromProto(const std::string& hex, const std::string& field) {
  const std::optional<Sha256Digest> digest = Sha256Digest::FromHex(hex);
  if (digest) return *digest;
  return absl::InvalidArgumentError(
      fmt::format("{} is no SHA-256: 64 hexadecimal digits are wanted", field));
}

absl::StatusOr<int> PageSizeFromProto(int32_t page_size, int fallback, int max) {
  if (page_size == 0) return fallback;
  if (page_size > 0 && page_size <= max) return page_size;
  return absl::InvalidArgumentError(
      fmt::format("page_size is {}; 0 to {} is possible", page_size, max));
}

absl::StatusOr<engine::UploadReceiver::Header> FromProto(const v1::UploadHeader& header) {
  engine::UploadReceiver::Header out;
  storage::StoreRequest& request = out.request;
  if (!header.upload_id().empty()) STORED_RETURN_IF_ERROR(CheckUploadId(header.upload_id()));
  request.upload_id = header.upload_id();
  STORED_ASSIGN_OR_RETURN(request.product, ProductFromProto(header.product()));
  STORED_RETURN_IF_ERROR(CheckRunName(header.run_name()));
  request.run_name = header.run_name();
  STORED_RETURN_IF_ERROR(CheckText(header.tag(), "tag", kMaxTagBytes));
  request.tag = header.tag();
  STORED_RETURN_IF_ERROR(CheckDescription(header.description()));
  request.description = header.description();
  STORED_ASSIGN_OR_RETURN(request.format, FormatFromProto(header.format()));
  request.force = header.force();
  if (header.trim_path_prefixes_size() > kMaxTrimPrefixes) {
    return absl::InvalidArgumentError(
        fmt::format("there are {} trim_path_prefixes; the limit is {}",
                    header.trim_path_prefixes_size(), kMaxTrimPrefixes));
  }
  for (const std::string& prefix : header.trim_path_prefixes()) {
    if (prefix.empty()) return absl::InvalidArgumentError("one of trim_path_prefixes is empty");
    STORED_RETURN_IF_ERROR(CheckText(prefix, "trim_path_prefixes", kMaxPatternBytes));
    request.trim_path_prefixes.push_back(prefix);
  }
  request.skip_bad_files = header.skip_bad_files();
  out.refuse_if_busy = header.refuse_if_busy();
  if (header.expected_size() < 0) {
    return absl::InvalidArgumentError("expected_size is negative");
  }
  out.expected_size = header.expected_size();
  if (header.has_expire_after()) {
    STORED_ASSIGN_OR_RETURN(request.expire_after,
                            LifetimeFromProto(header.expire_after(), "expire_after"));
  }
  return out;
}

absl::StatusOr<storage::SessionFilter> FromProto(const v1::ListStoresRequest& request) {
  storage::SessionFilter filter;
  if (!request.product().empty()) {
    STORED_ASSIGN_OR_RETURN(filter.product, ProductFromProto(request.product()));
  }
  STORED_RETURN_IF_ERROR(CheckText(request.run_name(), "run_name", kMaxPatternBytes));
  filter.run_name = request.run_name();
  for (const int state : request.states()) {
    if (state < v1::STORE_STATE_ALLOCATED || state > v1::STORE_STATE_CANCELLED) {
      return absl::InvalidArgumentError(fmt::format("states has {}, which is not a state", state));
    }
    filter.states.push_back(static_cast<storage::StoreState>(state));
  }
  return filter;
}

v1::StoreStatus ToProto(const engine::LiveStatus& status, absl::Duration poll_after) {
  const storage::StoreSession& session = status.session;
  v1::StoreStatus out;
  out.set_token(session.token);
  out.set_state(static_cast<v1::StoreState>(session.state));
  out.set_in_progress(!storage::IsFinal(session.state));
  out.set_revision(status.revision);
  out.set_product(session.request.product);
  out.set_run_name(session.request.run_name);
  out.set_tag(ReplaceInvalidUtf8(session.request.tag));
  out.set_description(ReplaceInvalidUtf8(session.request.description));
  out.set_force(session.request.force);
  out.set_format(static_cast<v1::PayloadFormat>(session.request.format));
  out.set_payload_size(session.payload.size);
  if (session.state == storage::StoreState::kRunning) {
    out.set_phase(static_cast<v1::StorePhase>(status.phase));
    out.set_phase_done(status.done);
    out.set_phase_total(status.total);
  }
  if (session.enqueued_at != absl::InfinitePast()) {
    *out.mutable_enqueued_at() = ToProto(session.enqueued_at);
  }
  if (session.started_at) *out.mutable_started_at() = ToProto(*session.started_at);
  if (session.finished_at) *out.mutable_finished_at() = ToProto(*session.finished_at);
  if (status.heartbeat_at) *out.mutable_heartbeat_at() = ToProto(*status.heartbeat_at);
  if (out.in_progress()) {
    out.set_queue_position(status.stores_ahead);
    *out.mutable_poll_after() = ToProto(poll_after);
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
