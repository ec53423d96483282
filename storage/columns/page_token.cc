#include "storage/columns/page_token.h"

#include <optional>

#include "base/sha256.h"

namespace stored::storage {
namespace {

constexpr size_t kDigestBytes = 8;

std::string ListDigest(std::string_view list) {
  return std::string(Sha256::Of(list).Raw().substr(0, kDigestBytes));
}

}  // namespace

std::string MakePageToken(std::string_view list, std::string_view position) {
  return ToHex(ListDigest(list) + std::string(position));
}

absl::StatusOr<std::string> ReadPageToken(std::string_view token, std::string_view list) {
  const std::optional<std::string> raw = FromHex(token);
  if (!raw.has_value() || raw->size() < kDigestBytes ||
      raw->substr(0, kDigestBytes) != ListDigest(list)) {
    return absl::InvalidArgumentError(
        "page_token is not valid for this list: send it back unchanged, with the same filters");
  }
  return raw->substr(kDigestBytes);
}

}  // namespace stored::storage
