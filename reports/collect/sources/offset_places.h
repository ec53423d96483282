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

// Gives lines and columns to the places that one result file gives by offsets. Not safe for
// concurrent use.
class OffsetPlaces {
 public:
  // Returns the text of a file; empty where there is none.
  using ReadText = std::function<std::string(FileIndex file)>;

  explicit OffsetPlaces(ReadText read) : read_(std::move(read)) {}

  // Puts `place`, which is one of `report`, where its offset leads. Leaves it at no line when the
  // text is not there or ends before.
  void Put(const OffsetPlace& place, Report& report);

 private:
  const TextIndex& TextOf(FileIndex file);

  const ReadText read_;
  // The texts that were asked for last; together not much more than a bound.
  std::map<FileIndex, TextIndex> texts_;
  size_t bytes_ = 0;
};

}  // namespace stored::reports
