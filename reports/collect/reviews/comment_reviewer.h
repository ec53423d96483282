#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "reports/collect/reviews/comment_budget.h"
#include "reports/collect/sources/source_table.h"
#include "reports/report.h"
#include "reports/reviews/review_comments.h"

namespace stored::reports {

// Sets the reviews of the reports of one result file from comments in the sources. Not safe for
// concurrent use.
class CommentReviewer {
 public:
  // Sets where the text of file `file` comes from. A file for which neither is called has no
  // comments. The arguments outlive this.
  void AddSource(FileIndex file, const Source& source);
  void AddEmbedded(FileIndex file, std::string_view text, CommentBudget& budget);

  // Sets the review of `report`, whose file is `path`, and returns true if comments decide it;
  // otherwise leaves it as it is. Blocks until the source has been read. Adds errors in the
  // comments to `warnings`, each once.
  absl::StatusOr<bool> Review(Report& report, const std::string& path,
                              std::vector<std::string>& warnings);

 private:
  struct File {
    // Null once its comments have been fetched.
    const Source* source = nullptr;
    const ReviewComments* comments = nullptr;
    // For a text that is embedded in the result file: the owner of `comments`, or an error.
    absl::StatusOr<std::unique_ptr<const ReviewComments>> embedded = nullptr;
  };

  File& At(FileIndex file);
  absl::StatusOr<const ReviewComments*> CommentsOf(FileIndex file);
  bool Apply(const ReviewComments& comments, Report& report, const std::string& path,
             std::vector<std::string>& warnings);
  void Warn(std::string warning, std::vector<std::string>& warnings);

  std::vector<File> files_;
  absl::flat_hash_set<std::string> warned_;
};

}  // namespace stored::reports
