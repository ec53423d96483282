#include "storage/ingest/present_run.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "base/sha256.h"

namespace stored::storage {
namespace {

// Returns a digest of the review; 0 for an unreviewed report.
uint64_t ReviewDigest(const reports::Review& review) {
  if (review.status == reports::ReviewStatus::kUnreviewed) return 0;
  Sha256 sha;
  const char head[2] = {static_cast<char>(review.status), review.in_source ? '\1' : '\0'};
  sha.Update({head, sizeof(head)});
  sha.Update(review.comment);
  uint64_t digest = 0;
  std::memcpy(&digest, sha.Finish().bytes.data(), sizeof(digest));
  return digest;
}

}  // namespace

uint64_t ContentKey(uint64_t content_digest, const reports::Review& review) {
  return content_digest ^ ReviewDigest(review);
}

PresentReports::PresentReports(std::vector<PresentReport> reports) : reports_(std::move(reports)) {
  std::sort(reports_.begin(), reports_.end(), [](const PresentReport& a, const PresentReport& b) {
    return std::tie(a.hash, a.identity) < std::tie(b.hash, b.identity);
  });
  NoteResolvedHashes();
}

void PresentReports::NoteResolvedHashes() {
  for (size_t begin = 0, end = 0; begin < reports_.size(); begin = end) {
    bool resolved = true;
    for (; end < reports_.size() && reports_[end].hash == reports_[begin].hash; ++end) {
      resolved = resolved && reports_[end].state == ReportState::kResolved;
    }
    for (size_t i = begin; i < end; ++i) reports_[i].hash_resolved = resolved;
  }
}

absl::Span<PresentReport> PresentReports::WithHash(const ReportHashKey& hash) {
  const auto first = std::lower_bound(
      reports_.begin(), reports_.end(), hash,
      [](const PresentReport& report, const ReportHashKey& key) { return report.hash < key; });
  if (first == reports_.end() || first->hash != hash) return {};
  // Most hashes have one report.
  if (first + 1 == reports_.end() || (first + 1)->hash != hash) return {&*first, 1};
  const auto last = std::upper_bound(
      first + 1, reports_.end(), hash,
      [](const ReportHashKey& key, const PresentReport& report) { return key < report.hash; });
  return {&*first, static_cast<size_t>(last - first)};
}

PresentReport* PresentReports::WithIdentity(absl::Span<PresentReport> same_hash,
                                            const reports::ReportIdentity& identity) {
  const auto found =
      std::lower_bound(same_hash.begin(), same_hash.end(), identity,
                       [](const PresentReport& report, const reports::ReportIdentity& key) {
                         return report.identity < key;
                       });
  return found == same_hash.end() || found->identity != identity ? nullptr : &*found;
}

absl::Span<const PresentReport> PresentReports::SortById() {
  std::sort(reports_.begin(), reports_.end(),
            [](const PresentReport& a, const PresentReport& b) { return a.id < b.id; });
  return reports_;
}

}  // namespace stored::storage
