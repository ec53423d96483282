#pragma once

#include <cstddef>
#include <string_view>

#include "reports/report.h"
#include "stored/v1/bundle.pb.h"

// Conversions between the Report model and the messages of a bundle. Only the bundle's reader and
// writer and the bug path codec include this. FromWire() moves from its argument, which must not be
// used again.
namespace stored::reports::wire {

void ToWire(const BugPath& bug_path, v1::BundledBugPath& out);
void ToWire(const Report& report, v1::BundledReport& out);
void ToWire(const Analysis& analysis, v1::Analysis& out);

BugPath FromWire(v1::BundledBugPath& in);
// Unknown numbers of severities and review statuses become unspecified and unreviewed.
Report FromWire(v1::BundledReport& in);
// Decodes the fields of ReportExtent::kIdentifying from an encoded BundledReport and skips the
// others. Decodes at most `max_items` + 1 items of a list, so that ValidateReport() can tell that
// there are too many. Returns false if it cannot be decoded.
bool IdentifyingFromWire(std::string_view encoded, size_t max_items, Report& report);
Analysis FromWire(v1::Analysis& in);

}  // namespace stored::reports::wire
