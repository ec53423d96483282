#include "storage/policy/field_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "base/text/text.h"
#include "storage/backend.h"

namespace stored::storage {
namespace {

constexpr size_t kMinUploadIdBytes = 8;
constexpr size_t kMaxUploadIdBytes = 64;
// The number of bytes of a refused value that an error quotes.
constexpr size_t kMaxQuotedBytes = 256;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

absl::Status CheckSize(std::string_view text, std::string_view field, size_t max_bytes) {
  if (text.size() <= max_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} is {} bytes long; the limit is {}", field, text.size(), max_bytes));
}

absl::Status CheckNoControl(std::string_view text, std::string_view field) {
  if (!HasControlCharacter(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{} '{}' has control characters", field,
                                                Printable(Utf8Prefix(text, kMaxQuotedBytes))));
}

absl::Status CheckText(std::string_view text, std::string_view field, size_t max_bytes) {
  STORED_RETURN_IF_ERROR(CheckSize(text, field, max_bytes));
  return CheckNoControl(text, field);
}

// A description may have several lines.
absl::Status CheckDescription(std::string_view text) {
  STORED_RETURN_IF_ERROR(CheckSize(text, "description", kMaxDescriptionBytes));
  std::string in_one_line(text);
  std::erase_if(in_one_line, [](char c) { return c == '\n' || c == '\t' || c == '\r'; });
  return CheckNoControl(in_one_line, "description");
}

absl::Status CheckFormat(PayloadFormat format) {
  switch (format) {
    case PayloadFormat::kBundle:
    case PayloadFormat::kSarif:
    case PayloadFormat::kPlist:
    case PayloadFormat::kArchive:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("format is missing or unknown: say what the payload is");
}

absl::Status CheckTrimPrefixes(const std::vector<std::string>& prefixes) {
  if (prefixes.size() > kMaxTrimPrefixes) {
    return absl::InvalidArgumentError(fmt::format(
        "there are {} trim_path_prefixes; the limit is {}", prefixes.size(), kMaxTrimPrefixes));
  }
  for (const std::string& prefix : prefixes) {
    if (prefix.empty()) return absl::InvalidArgumentError("one of trim_path_prefixes is empty");
    STORED_RETURN_IF_ERROR(CheckText(prefix, "trim_path_prefixes", kMaxPatternBytes));
  }
  return absl::OkStatus();
}

absl::Status ProductNameError(std::string_view name) {
  return absl::InvalidArgumentError(
      fmt::format("product '{}' is not a valid name: 1 to 64 of a-z, 0-9, '_' and '-', the first a "
                  "letter or digit",
                  Printable(Utf8Prefix(name, kMaxProductNameBytes))));
}

absl::Status CheckLimit(const std::optional<int64_t>& limit, std::string_view field) {
  if (limit.value_or(0) >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("settings.{} is negative; 0 means that there is no limit", field));
}

}  // namespace

absl::Status CheckProductName(std::string_view name) {
  const auto allowed = [](char c) { return IsLowerOrDigit(c) || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= kMaxProductNameBytes &&
      std::all_of(name.begin(), name.end(), allowed)) {
    return absl::OkStatus();
  }
  return ProductNameError(name);
}

absl::Status CheckNewProductName(std::string_view name) {
  STORED_RETURN_IF_ERROR(CheckProductName(name));
  return IsLowerOrDigit(name.front()) ? absl::OkStatus() : ProductNameError(name);
}

absl::Status CheckMissingSources(std::string_view product, size_t digests) {
  STORED_RETURN_IF_ERROR(ProductOrDefault(product).status());
  if (digests <= kMaxMissingSources) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "sha256 has {} values; the limit is {}: ask in several calls", digests, kMaxMissingSources));
}

absl::StatusOr<std::string> ProductOrDefault(std::string_view name) {
  if (name.empty()) return std::string(kDefaultProduct);
  STORED_RETURN_IF_ERROR(CheckProductName(name));
  return std::string(name);
}

absl::Status CheckRunName(std::string_view run_name) {
  if (run_name.empty()) return absl::InvalidArgumentError("run_name is empty: name the run");
  if (run_name.find_first_not_of(' ') == std::string_view::npos) {
    return absl::InvalidArgumentError("run_name is blank: name the run");
  }
  if (!IsValidUtf8(run_name)) return absl::InvalidArgumentError("run_name is not UTF-8");
  return CheckText(run_name, "run_name", kMaxRunNameBytes);
}

absl::Status CheckTag(std::string_view tag) { return CheckText(tag, "tag", kMaxTagBytes); }

absl::Status CheckUploadId(std::string_view upload_id) {
  const auto allowed = [](char c) {
    return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  };
  if (upload_id.size() >= kMinUploadIdBytes && upload_id.size() <= kMaxUploadIdBytes &&
      upload_id.front() != '.' && std::all_of(upload_id.begin(), upload_id.end(), allowed)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("upload_id '{}' is not 8 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'",
                  Printable(Utf8Prefix(upload_id, kMaxUploadIdBytes))));
}

absl::Status CheckLifetime(absl::Duration lifetime, std::string_view field) {
  if (lifetime == absl::ZeroDuration()) return absl::OkStatus();
  // A fraction of a second beyond kMaxLifetime is accepted.
  if (lifetime >= kMinLifetime && lifetime < kMaxLifetime + absl::Seconds(1)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("{} is neither zero nor between a second and {} days", field,
                  absl::ToInt64Hours(kMaxLifetime) / 24));
}

absl::Status CheckSettings(const ProductSettingsChange& change) {
  STORED_RETURN_IF_ERROR(CheckLimit(change.max_runs, "max_runs"));
  STORED_RETURN_IF_ERROR(CheckLimit(change.max_reports_per_store, "max_reports_per_store"));
  STORED_RETURN_IF_ERROR(CheckLimit(change.max_bytes_per_store, "max_bytes_per_store"));
  STORED_RETURN_IF_ERROR(CheckLimit(change.max_queued_stores, "max_queued_stores"));
  STORED_RETURN_IF_ERROR(
      CheckLifetime(change.resolved_report_retention.value_or(absl::ZeroDuration()),
                    "settings.resolved_report_retention"));
  return CheckLifetime(change.history_retention.value_or(absl::ZeroDuration()),
                       "settings.history_retention");
}

absl::Status CheckUploadHeader(const UploadHeader& header) {
  const StoreRequest& request = header.request;
  if (!request.upload_id.empty()) STORED_RETURN_IF_ERROR(CheckUploadId(request.upload_id));
  if (!request.product.empty()) STORED_RETURN_IF_ERROR(CheckProductName(request.product));
  STORED_RETURN_IF_ERROR(CheckRunName(request.run_name));
  STORED_RETURN_IF_ERROR(CheckTag(request.tag));
  STORED_RETURN_IF_ERROR(CheckDescription(request.description));
  STORED_RETURN_IF_ERROR(CheckFormat(request.format));
  STORED_RETURN_IF_ERROR(CheckTrimPrefixes(request.trim_path_prefixes));
  if (header.expected_size < 0) return absl::InvalidArgumentError("expected_size is negative");
  return CheckLifetime(request.expire_after.value_or(absl::ZeroDuration()), "expire_after");
}

absl::Status CheckSessionFilter(const SessionFilter& filter) {
  if (!filter.product.empty()) STORED_RETURN_IF_ERROR(CheckProductName(filter.product));
  return CheckText(filter.run_name, "run_name", kMaxPatternBytes);
}

absl::StatusOr<int> CheckPageSize(int64_t requested, int fallback, int max) {
  if (requested == 0) return fallback;
  if (requested > 0 && requested <= max) return static_cast<int>(requested);
  return absl::InvalidArgumentError(
      fmt::format("page_size is {}; it must be 0 to {}", requested, max));
}

}  // namespace stored::storage
