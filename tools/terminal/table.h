#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace stored::tools {

// Prints rows in aligned columns, with control characters escaped. Not safe for concurrent use.
class Table {
 public:
  struct Column {
    std::string title;
    bool right_aligned = false;
  };

  // Prints no line of titles if all titles are empty. `out` must outlive the object.
  Table(std::ostream& out, std::vector<Column> columns);

  // Adds a row. Missing and empty cells are printed as "-".
  // REQUIRES: there are at most as many cells as columns.
  void Add(std::vector<std::string> cells);
  // Prints the rows that were added since the last call. The first call also prints the titles and
  // fixes the widths of the columns, so that long tables can be printed page by page.
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
