#include "reports/collect/reviews/comment_reviewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "base/text/text.h"

namespace stored::reports {
namespace {

// The limit per result file. It is reached only if nearly every finding has a warning of its own.
constexpr size_t kMaxCommentWarnings = 1000;
constexpr size_t kShownBytes = 100;

}  // namespace

CommentReviewer::File& CommentReviewer::At(FileIndex file) {
  if (file >= files_.size()) files_.resize(file + size_t{1});
  return files_[file];
}

void CommentReviewer::AddSource(FileIndex file, const Source& source) { At(file).source = &source; }

void CommentReviewer::AddEmbedded(FileIndex file, std::string_view text, CommentBudget& budget) {
  File& at = At(file);
  at.embedded = budget.Find(text);
  if (at.embedded.ok()) at.comments = at.embedded->get();
}

absl::StatusOr<bool> CommentReviewer::Review(Report& report, const std::string& path,
                                             std::vector<std::string>& warnings) {
  const absl::StatusOr<const ReviewComments*> comments = CommentsOf(report.location.file);
  if (!comments.ok()) return Annotate(comments.status(), path);
  return *comments != nullptr && Apply(**comments, report, path, warnings);
}

absl::StatusOr<const ReviewComments*> CommentReviewer::CommentsOf(FileIndex file) {
  if (file >= files_.size()) return nullptr;
  File& at = files_[file];
  STORED_RETURN_IF_ERROR(at.embedded.status());
  if (at.source != nullptr) {
    STORED_RETURN_IF_ERROR(at.source->comments_status());
    at.comments = std::exchange(at.source, nullptr)->comments();
  }
  return at.comments;
}

bool CommentReviewer::Apply(const ReviewComments& comments, Report& report, const std::string& path,
                            std::vector<std::string>& warnings) {
  CommentVerdict verdict = comments.VerdictOn(report.location.line, report.checker_name);
  switch (verdict.kind) {
    case CommentVerdict::Kind::kNone:
      return false;
    case CommentVerdict::Kind::kReview:
      report.review = std::move(verdict.review);
      return true;
    case CommentVerdict::Kind::kContradiction:
      report.review = {};
      Warn(fmt::format("{}:{}: more than one review comment (in lines {} and {}) is about {}: none "
                       "counts, the report is unreviewed",
                       path, report.location.line, verdict.other_line, verdict.line,
                       Printable(report.checker_name)),
           warnings);
      return true;
    case CommentVerdict::Kind::kMisspelt:
      Warn(fmt::format("{}:{}: this review comment is ignored; it should be like \"// "
                       "codechecker_confirmed [CHECKER] TEXT\": {}",
                       path, verdict.line, Printable(Utf8Prefix(verdict.text, kShownBytes))),
           warnings);
      return false;
  }
  return false;
}

void CommentReviewer::Warn(std::string warning, std::vector<std::string>& warnings) {
  if (warned_.size() == kMaxCommentWarnings || !warned_.insert(warning).second) return;
  warnings.push_back(std::move(warning));
}

}  // namespace stored::reports
