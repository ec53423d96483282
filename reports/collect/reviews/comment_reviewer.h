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

// Gives the reports of one result file the reviews that comments in the sources say.
class CommentReviewer {
 public:
  // Says where the text of file `file` is from. A file for which neither is called has none. What
  // is given outlives this.
  void AddSource(FileIndex file, const Source& source);
  void AddEmbedded(FileIndex file, std::string_view text, CommentBudget& budget);

  // Reviews `report`, whose file is called `path`. Waits until its source is read. Returns whether
  // comments decide its review; else it keeps what it has. Adds to `warnings`, once, what is wrong
  // with the comments.
  absl::StatusOr<bool> Review(Report& report, const std::string& path,
                              std::vector<std::string>& warnings);

 private:
  struct File {
    // Null once its comments are known.
    const Source* source = nullptr;
    const ReviewComments* comments = nullptr;
    // What `comments` is when the text is in the result file, or why there are none.
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
