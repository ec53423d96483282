#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "reports/report.h"
#include "reports/result_file.h"
#include "reports/text_index.h"

namespace stored::reports {

// Computes the lines and columns of places that one result file gives by offsets. Not safe for
// concurrent use.
class OffsetPlaces {
 public:
  // Returns the text of a file; empty if there is none.
  using ReadText = std::function<std::string(FileIndex file)>;

  explicit OffsetPlaces(ReadText read) : read_(std::move(read)) {}

  // Sets line and column of `place` in `report`. Leaves them 0 if the text is not there, or ends
  // before the offset.
  void Put(const OffsetPlace& place, Report& report);

 private:
  const TextIndex& TextOf(FileIndex file);

  const ReadText read_;
  // A cache of texts. Cleared once they take more than a limit.
  std::map<FileIndex, TextIndex> texts_;
  size_t bytes_ = 0;
};

}  // namespace stored::reports
