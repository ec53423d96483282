#pragma once

#include <cstddef>
#include <string_view>

#include "reports/report.h"
#include "stored/v1/bundle.pb.h"

// The one place that knows both the Report model and its wire form. Included by the bundle's
// reader and writer and the bug path codec only. `From` functions take their argument apart: what
// they move from is not to be used again.
namespace stored::reports::wire {

void ToWire(const BugPath& bug_path, v1::BundledBugPath& out);
void ToWire(const Report& report, v1::BundledReport& out);
void ToWire(const Analysis& analysis, v1::Analysis& out);

BugPath FromWire(v1::BundledBugPath& in);
// Numbers that are no severity or review status become unspecified and unreviewed.
Report FromWire(v1::BundledReport& in);
// An encoded BundledReport, as far as ReportExtent::kIdentifying goes; the rest is passed over. Of
// lists no more than one item over `max_items`. False when it cannot be decoded.
bool IdentifyingFromWire(std::string_view encoded, size_t max_items, Report& report);
Analysis FromWire(v1::Analysis& in);

}  // namespace stored::reports::wire
