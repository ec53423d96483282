#include "tools/terminal/table.h"

#include <algorithm>
#include <utility>

#include "base/text/text.h"

namespace stored::tools {
namespace {

constexpr std::string_view kGap = "  ";

// Returns the number of columns on a terminal, counting one per code point.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

Table::Table(std::ostream& out, std::vector<Column> columns)
    : out_(out), columns_(std::move(columns)) {}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = cell.empty() ? "-" : Printable(cell);
  rows_.push_back(std::move(cells));
}

void Table::Print() {
  if (widths_.empty()) {
    FixWidths();
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    const auto has_text = [](const std::string& title) { return !title.empty(); };
    if (std::any_of(titles.begin(), titles.end(), has_text)) PrintRow(titles);
  }
  for (const std::vector<std::string>& row : rows_) PrintRow(row);
  rows_.clear();
}

void Table::FixWidths() {
  for (const Column& column : columns_) widths_.push_back(WidthOf(column.title));
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], WidthOf(row[i]));
  }
}

void Table::PrintRow(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const size_t width = WidthOf(cells[i]);
    const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
    if (i > 0) line += kGap;
    if (columns_[i].right_aligned) line += padding;
    line += cells[i];
    // A line has no trailing blanks.
    if (!columns_[i].right_aligned && i + 1 < cells.size()) line += padding;
  }
  out_ << line << '\n';
}

}  // namespace stored::tools
