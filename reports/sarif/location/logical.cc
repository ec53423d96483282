#include "reports/sarif/location/logical.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/text/text.h"
#include "reports/sarif/json/string_map.h"

namespace stored::reports::sarif {
namespace {

// Deeper nesting is taken for a cycle.
constexpr int kMaxNesting = 64;
constexpr size_t kDigestDigits = 16;

// Returns true for the kinds of section 3.33.7 that stand for parts of XML and JSON documents.
bool IsOfDocument(std::string_view kind) {
  static constexpr std::string_view kKinds[] = {"array",       "attribute", "comment",
                                                "declaration", "dtd",       "element",
                                                "object",      "property",  "processingInstruction",
                                                "text",        "value"};
  return std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds);
}

// Returns `text`; if it is longer than `max_bytes`, returns that much of it and a digest of all of
// it.
std::string Shortened(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const std::string digest = Sha256::Of(text).Hex().substr(0, kDigestDigits);
  return fmt::format("{}... (sha256 {})", Utf8Prefix(text, max_bytes), digest);
}

}  // namespace

absl::Status ReadLogicalLocation(const JsonLog& log, JsonValue value, LogicalLocation& location) {
  std::string decorated_name;
  STORED_RETURN_IF_ERROR(log.ForEachField(
      value, "a logical location", [&](std::string_view key, JsonValue field) -> absl::Status {
        if (key == "fullyQualifiedName") {
          return log.Read(field, key, location.fully_qualified_name);
        }
        if (key == "name") return log.Read(field, key, location.name);
        if (key == "decoratedName") return log.Read(field, key, decorated_name);
        if (key == "index") return log.Read(field, "a logical location's index", location.index);
        if (key == "parentIndex") return log.Read(field, key, location.parent_index);
        if (key != "kind") return log.Skip(field);
        std::string scratch;
        STORED_ASSIGN_OR_RETURN(const std::string_view kind, log.View(field, key, scratch));
        location.in_document = IsOfDocument(kind);
        return absl::OkStatus();
      }));
  if (location.name.empty()) location.name = std::move(decorated_name);
  return absl::OkStatus();
}

absl::Status ReadLogicalLocations(const JsonLog& log, JsonValue value,
                                  std::vector<LogicalLocation>& locations) {
  return log.ForEachElement(value, "logicalLocations", [&](size_t, JsonValue element) {
    return ReadLogicalLocation(log, element, locations.emplace_back());
  });
}

absl::Status LogicalLocations::Read(const JsonLog& log, JsonValue value) {
  return ReadLogicalLocations(log, value, locations_);
}

const LogicalLocation* LogicalLocations::At(int64_t index) const {
  if (index < 0 || static_cast<uint64_t>(index) >= locations_.size()) return nullptr;
  return &locations_[static_cast<size_t>(index)];
}

std::string LogicalLocations::FullName(const LogicalLocation& location) const {
  if (!location.fully_qualified_name.empty()) {
    return Shortened(location.fully_qualified_name, kMaxLogicalNameBytes);
  }
  if (const LogicalLocation* const of_run = At(location.index)) {
    std::string name = NameBelowParents(*of_run);
    if (!name.empty()) return Shortened(std::move(name), kMaxLogicalNameBytes);
  }
  return Shortened(NameBelowParents(location), kMaxLogicalNameBytes);
}

std::string LogicalLocations::NameBelowParents(const LogicalLocation& location) const {
  std::string name;
  const LogicalLocation* at = &location;
  for (int nesting = 0; at != nullptr && nesting < kMaxNesting; ++nesting) {
    const bool is_full = !at->fully_qualified_name.empty();
    const std::string& part = is_full ? at->fully_qualified_name : at->name;
    if (!name.empty() && !part.empty()) {
      const bool separated = part.ends_with('/') || name.starts_with('/');
      if (!separated) name.insert(0, at->in_document ? "/" : ".");
    }
    name.insert(0, part);
    // A name of this size will be cut anyway.
    if (is_full || name.size() > 16 * kMaxLogicalNameBytes) return name;
    at = At(at->parent_index);
  }
  return name;
}

std::string JoinLogicalNames(std::vector<std::string> names) {
  if (names.empty()) return "";
  if (names.size() == 1) return Shortened(std::move(names[0]), kMaxLogicalNameBytes);
  absl::flat_hash_set<std::string, StringHash, std::equal_to<>> seen;
  std::string joined;
  for (std::string& name : names) {
    if (name.empty() || seen.contains(name)) continue;
    if (!joined.empty()) joined += "; ";
    joined += name;
    seen.insert(std::move(name));
  }
  return Shortened(std::move(joined), kMaxLogicalNameBytes);
}

}  // namespace stored::reports::sarif
