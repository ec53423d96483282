#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace stored::tools {

// Prints rows in columns that line up, each cell made fit for a terminal. Not safe for concurrent
// use.
class Table {
 public:
  struct Column {
    std::string title;
    bool right_aligned = false;
  };

  // With no title anywhere there is no line of titles. `out` outlives the object.
  Table(std::ostream& out, std::vector<Column> columns);

  // As many cells as there are columns. An empty one is shown as "-".
  void Add(std::vector<std::string> cells);
  // Prints what was added since the last time. The first time also prints the titles, and fixes the
  // widths of the columns: long tables are printed page by page, as they come.
  void Print();

 private:
  void PrintRow(const std::vector<std::string>& cells);
  void FixWidths();

  std::ostream& out_;
  std::vector<Column> columns_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace stored::tools
