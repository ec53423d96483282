#include "bench/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace stored::bench {
namespace {

const std::vector<std::string>& Header() {
  static const auto& header = *new std::vector<std::string>{
      "benchmark", "figure of", "measured", "floor", "ratio", "goal", "met"};
  return header;
}

// "1,234,567"
std::string Grouped(double value) {
  std::string text = fmt::format("{:.0f}", value);
  const size_t sign = text.front() == '-' ? 1 : 0;
  for (size_t at = text.size(); at > sign + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

// Returns nullopt if no floor was measured, or the floor is zero.
std::optional<double> RatioOf(const Measured& measured) {
  if (!measured.floor || *measured.floor <= 0) return std::nullopt;
  const double ratio = measured.figure / *measured.floor;
  return measured.beats ? 1 / ratio : ratio;
}

std::string FormatRatio(const Measured& measured) {
  const std::optional<double> ratio = RatioOf(measured);
  if (!ratio) return "-";
  return measured.beats ? fmt::format("{:.0f} x faster", *ratio) : fmt::format("{:.2f} x", *ratio);
}

std::string FormatGoal(const Goal& goal, const Measured& measured) {
  std::string value = fmt::format("{:g} x{}", goal.value, measured.beats ? " faster" : "");
  if (goal.of == Goal::Of::kFigure) value = Format(goal.value, measured.unit);
  return fmt::format("{} {}", goal.bound == Goal::Bound::kAtMost ? "<=" : ">=", value);
}

}  // namespace

bool Meets(const Measured& measured, const Goal& goal) {
  const std::optional<double> value =
      goal.of == Goal::Of::kFigure ? measured.figure : RatioOf(measured);
  if (!value) return false;
  return goal.bound == Goal::Bound::kAtMost ? *value <= goal.value : *value >= goal.value;
}

std::string Format(double value, Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      if (value < 0.1) return fmt::format("{:.2f} ms", value * 1e3);
      return fmt::format("{:.{}f} s", value, value < 10 ? 2 : 1);
    case Unit::kBytes:
      if (value < 1e6) return fmt::format("{:.1f} kB", value / 1e3);
      return fmt::format("{:.0f} MB", value / 1e6);
    case Unit::kBytesPerSecond:
      return fmt::format("{:.0f} MB/s", value / 1e6);
    case Unit::kCallsPerSecond:
      return Grouped(value) + " calls/s";
    case Unit::kInstructions:
      return fmt::format("{:.1f} M instr", value / 1e6);
    case Unit::kCount:
      return Grouped(value);
  }
  return "";
}

void Table::Add(const std::string& benchmark, const Measured& measured) {
  std::string goals;
  bool met = true;
  for (const Goal& goal : measured.goals) {
    if (!goals.empty()) goals += ", ";
    goals += FormatGoal(goal, measured);
    met = met && Meets(measured, goal);
  }
  if (!met) ++missed_;
  std::string verdict;
  if (!measured.goals.empty()) verdict = met ? "yes" : "NO";
  rows_.push_back({benchmark, measured.what, Format(measured.figure, measured.unit),
                   measured.floor ? Format(*measured.floor, measured.unit) : "-",
                   FormatRatio(measured), goals.empty() ? "-" : goals, verdict});
}

std::string Table::ToText() const {
  std::vector<size_t> widths;
  for (const std::string& title : Header()) widths.push_back(title.size());
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i + 1 < row.size(); ++i)
      fmt::format_to(std::back_inserter(text), "{:<{}}  ", row[i], widths[i]);
    text += row.back();
    text += '\n';
  };
  add(Header());
  for (const std::vector<std::string>& row : rows_) add(row);
  return text;
}

std::string Table::ToMarkdown() const {
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    text += '|';
    for (const std::string& cell : row) fmt::format_to(std::back_inserter(text), " {} |", cell);
    text += '\n';
  };
  add(Header());
  add(std::vector<std::string>(Header().size(), "---"));
  for (const std::vector<std::string>& row : rows_) add(row);
  return text;
}

}  // namespace stored::bench
