#include "storage/ingest/apply_sink.h"

#include <utility>

#include "base/status.h"

namespace stored::storage {

absl::Status ApplySink::AddFile(reports::SourceFile file) {
  STORED_ASSIGN_OR_RETURN(const int64_t id, target_.transaction.FileId(file.path));
  file_ids_.push_back(id);
  return UploadSink::AddFile(std::move(file));
}

absl::Status ApplySink::TakeReport(reports::Report report, int64_t ordinal) {
  if (target_.comparison != nullptr) return TakeCompared(report, ordinal);
  const reports::ReportIdentity identity = reports::IdentityOf(report, upload());
  if (!inserted_identities_.insert(identity).second) return absl::OkStatus();
  STORED_RETURN_IF_ERROR(target_.limit.Check(static_cast<int64_t>(inserted_identities_.size())));
  return Insert(report, identity, NewOrigin(report.review.status));
}

absl::Status ApplySink::TakeCompared(reports::Report& report, int64_t ordinal) {
  const std::vector<bool>& to_write = target_.comparison->to_write;
  if (static_cast<size_t>(ordinal) >= to_write.size()) {
    return absl::DataLossError("the upload changed while it was read; upload it again");
  }
  if (!to_write[static_cast<size_t>(ordinal)]) return absl::OkStatus();
  const absl::Span<PresentReport> same_hash =
      target_.present->WithHash(ReportHashKey::Of(report.report_hash));
  const reports::ReportIdentity identity = reports::IdentityOf(report, upload());
  if (const PresentReport* present = PresentReports::WithIdentity(same_hash, identity)) {
    return target_.transaction.UpdateReport(present->id, report, file_ids_,
                                            target_.entry.history_id, target_.request.stored_at);
  }
  if (same_hash.empty()) return Insert(report, identity, NewOrigin(report.review.status));
  STORED_ASSIGN_OR_RETURN(const ReportOrigin origin,
                          InheritOrigin(same_hash, report.review.status));
  return Insert(report, identity, origin);
}

ReportOrigin ApplySink::NewOrigin(reports::ReviewStatus review) const {
  ReportOrigin origin;
  origin.run_id = target_.entry.run_id;
  origin.opened_by = origin.inserted_by = target_.entry.history_id;
  origin.detected_at = target_.request.stored_at;
  if (Closes(review)) origin.fixed_at = target_.request.stored_at;
  return origin;
}

absl::StatusOr<ReportOrigin> ApplySink::InheritOrigin(absl::Span<const PresentReport> same_hash,
                                                      reports::ReviewStatus review) {
  // All reports of one hash have the same detected_at and opened_by: each inherited them from one
  // before.
  STORED_ASSIGN_OR_RETURN(const std::optional<ReportPast> past,
                          target_.transaction.FindPast(same_hash.front().id));
  ReportOrigin origin = NewOrigin(review);
  if (!past.has_value()) return origin;
  origin.detected_at = past->detected_at;
  if (same_hash.front().hash_resolved) {
    origin.reopened = true;
  } else {
    origin.opened_by = past->opened_by;
    origin.reopened = past->reopened;
  }
  if (Closes(review) && Closes(past->review_status) && past->fixed_at.has_value()) {
    origin.fixed_at = past->fixed_at;
  }
  return origin;
}

absl::Status ApplySink::Insert(reports::Report& report, const reports::ReportIdentity& identity,
                               const ReportOrigin& origin) {
  ++inserted_;
  return target_.transaction.InsertReport(report, identity, file_ids_, origin);
}

absl::Status ApplySink::TakeContent(std::string_view sha256, std::string_view zstd, uint64_t size) {
  if (!missing_.has_value()) {
    STORED_ASSIGN_OR_RETURN(missing_, target_.transaction.MissingContents(upload().files));
  }
  // Skips a content that no file names or that the database has.
  const std::optional<Sha256Digest> digest = Sha256Digest::FromRaw(sha256);
  if (!digest.has_value() || missing_->erase(*digest) == 0) return absl::OkStatus();
  STORED_ASSIGN_OR_RETURN(const bool inserted,
                          target_.transaction.InsertContent(*digest, zstd, size));
  if (!inserted) return absl::OkStatus();
  ++new_sources_;
  new_source_bytes_ += static_cast<int64_t>(size);
  return absl::OkStatus();
}

}  // namespace stored::storage
